"""One position's list of duties: sequence of numbers, sub-items, broken and unnumbered lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dutybook.catalogue.damage import Report
from dutybook.catalogue.document import Block, Duty, Marker
from dutybook.catalogue.words import ends_sentence, opens_with_verb

_OPEN_ENDS = frozenset("的和与及、,\uff0c并或对将为向把由(\uff08“《")
_CLOCK = re.compile(r"\d[:\uff1a]\|\d")
_JOINS = "、,，;；。.)）”』》:：!?！？%"


@dataclass(slots=True)
class _Piece:
    """A line inside a duty; sub-items and lines with final sentences of their own are set off."""

    text: str
    line: int
    sub: bool = False


@dataclass(slots=True)
class _Segment:
    """Lines that belong together as one paragraph."""

    text: str
    lines: list[int]
    sub: bool


@dataclass(slots=True)
class DutyList:
    """Takes the blocks under a heading one by one and gives the duties and what is left over."""

    report: Report
    terminated: bool
    duties: list[Duty] = field(default_factory=list)
    rest: list[_Segment] = field(default_factory=list)
    _lead: list[_Piece] = field(default_factory=list)
    _pieces: list[_Piece] = field(default_factory=list)
    _marker: Marker | None = None
    _last: int = 0
    _style: str = ""
    _open: list[tuple[str, int]] = field(default_factory=list)
    _mixed: str = ""
    _repeated: bool = False

    @property
    def started(self) -> bool:
        """Whether a numbered duty has been met."""
        return self._marker is not None

    def text(self, block: Block) -> None:
        """An unnumbered line."""
        (self._pieces if self.started else self._lead).append(_Piece(block.printed, block.line))

    def restarts(self, block: Block, after: Marker | None) -> bool:
        """Whether a list of the same style begins anew here, as when a heading is lost."""
        marker = block.marker
        if marker is None or marker.style != self._style or marker.number != 1 or self._last < 2 or self._open:
            return False
        return after is None or (after.style == marker.style and after.number == 2)

    def item(self, block: Block, after: Marker | None) -> None:
        """A numbered block; `after` is the number of the next numbered one."""
        marker = block.marker
        assert marker is not None
        if not self.started:
            self._first(block, marker)
        elif self._is_sub(marker):
            self._pieces.append(_Piece(block.printed, block.line, sub=True))
        elif self._is_due(marker) and not self._is_twin(marker, after):
            self._begin(block, marker)
        elif marker.weak or self._is_fragment(after):
            self.text(block)
        elif marker.number == 1 and marker.style != self._style:
            self._open.append((marker.style, 1))
            self._pieces.append(_Piece(block.printed, block.line, sub=True))
        elif marker.style == self._style or (not self._open and marker.style[0] == self._style[0]):
            self._irregular(block, marker)
        else:
            self._pieces.append(_Piece(block.printed, block.line, sub=True))

    def _first(self, block: Block, marker: Marker) -> None:
        lead, self._lead = self._segments(self._lead), []
        self._style = marker.style
        if marker.weak and marker.number != 1:
            self._lead = [_Piece(segment.text, segment.lines[0]) for segment in lead]
            self._lead.append(_Piece(block.printed, block.line))
            return
        if lead and marker.number == len(lead) + 1:
            self._without_numbers(lead)
        else:
            self.rest += lead
            if marker.number > 1:
                self.report.add(block.line, "numbering_gap", block.printed)
        if marker.weak and marker.style == "1" and not marker.prefix[-1:].isspace():
            self.report.add(block.line, "number_without_mark", block.printed)
        self._start(block, marker)

    def _without_numbers(self, segments: Sequence[_Segment]) -> None:
        for segment in segments:
            self.report.add(segment.lines[0], "lost_number", segment.text)
            self.duties.append(Duty(len(self.duties) + 1, "", segment.text, tuple(segment.lines)))
            self._last += 1

    def _is_sub(self, marker: Marker) -> bool:
        """Whether a sub-list goes on, the deepest first."""
        for depth in range(len(self._open) - 1, -1, -1):
            style, number = self._open[depth]
            if marker.style == style and marker.number in {number + 1, 0}:
                self._open[depth:] = [(style, marker.number)]
                return True
        return False

    def _is_due(self, marker: Marker) -> bool:
        if marker.style == self._style:
            return marker.number in {self._last + 1, 0} or (self._repeated and marker.number == self._last + 2)
        return marker.number == self._last + 1 and not any(marker.style == style for style, _ in self._open)

    def _is_twin(self, marker: Marker, after: Marker | None) -> bool:
        """Whether the number, in another style, is followed by the same one in the style of the list."""
        return after is not None and after.number == marker.number and after.style == self._style != marker.style

    def _is_fragment(self, after: Marker | None) -> bool:
        """Whether the number is but the tail of a broken sentence: the duty goes on and the due number follows."""
        broken = bool(self._pieces) and not ends_sentence(self._pieces[-1].text) and self.terminated
        due = after is not None and after.number == self._last + 1 and after.style == self._style
        return broken and due

    def _begin(self, block: Block, marker: Marker) -> None:
        """The next duty in sequence."""
        self._close(marker.number)
        if marker.style not in {self._style, self._mixed}:
            self.report.add(block.line, "number_style_mix", block.printed)
        self._mixed = marker.style
        self._start(block, marker)

    def _irregular(self, block: Block, marker: Marker) -> None:
        """A number out of sequence: skipped, used again, or filled by lines that lost theirs."""
        self._close(marker.number)
        if marker.number > self._last + 1:
            self.report.add(block.line, "numbering_gap", f"{self._last} → {block.printed}")
        elif marker.number <= self._last:
            self.report.add(block.line, "duplicate_number", block.printed)
            reached = self._last
            self._start(block, marker)
            self._last, self._repeated = reached, True
            return
        self._start(block, marker)

    def _start(self, block: Block, marker: Marker) -> None:
        self._open.clear()
        self._repeated = False
        self._marker = marker
        self._last = marker.number or self._last + 1
        self._pieces = [_Piece(block.text, block.line)]

    def _close(self, number: int | None) -> None:
        """Finish the open duty; `number` is the next printed one, None at the end of the list."""
        if self._marker is None:
            return
        lost = 0 if number is None else number - self._last - 1
        own, *others = self._segments(self._pieces, lost)
        if others and lost == len(others) and not any(segment.sub for segment in others):
            self._keep(own, [])
            self._without_numbers(others)
            return
        if number is None:
            self._keep_closing(own, others)
        else:
            self._keep(own, others)

    def _keep_closing(self, own: _Segment, others: list[_Segment]) -> None:
        """At the end of a list whole sentences are a note; sub-items and lines after a colon stay."""
        inner = 0
        while inner < len(others) and (others[inner].sub or own.text.endswith((":", "："))):
            inner += 1
        while inner < len(others) and not ends_sentence(others[inner].text) and self.terminated:
            inner += 1
        self._keep(own, others[:inner])
        unnumbered = [segment for segment in others[inner:] if self._is_unnumbered_duty(segment)]
        self._without_numbers(unnumbered)
        self.rest += [segment for segment in others[inner:] if segment not in unnumbered]

    def _is_unnumbered_duty(self, segment: _Segment) -> bool:
        """Whether a closing line is one more duty: the one before ends with a semicolon, or both do without full stop."""
        if self.duties[-1].text.endswith((";", "\uff1b")):
            return True
        return not ends_sentence(segment.text) and not segment.sub and opens_with_verb(segment.text)

    def _keep(self, own: _Segment, others: Sequence[_Segment]) -> None:
        if any(not segment.sub for segment in others):
            self.report.add(own.lines[0], "continuation_lines", others[0].text)
        text = "\n".join([own.text, *(segment.text for segment in others)])
        lines = [*own.lines, *(line for segment in others for line in segment.lines)]
        assert self._marker is not None
        self.duties.append(Duty(len(self.duties) + 1, self._marker.printed, text, tuple(lines)))

    def _segments(self, pieces: Sequence[_Piece], lost: int = 0) -> list[_Segment]:
        """Pieces joined where a line broke inside a sentence, unless just so many numbers are lost."""
        segments: list[_Segment] = []
        apart = not self.terminated and 0 < lost == len(pieces) - 1
        for index, piece in enumerate(pieces):
            if segments and not piece.sub and not apart and self._goes_on(segments[-1].text, pieces, index):
                self._join(segments[-1], piece)
            else:
                segments.append(_Segment(piece.text, [piece.line], piece.sub))
        return segments

    def _join(self, segment: _Segment, piece: _Piece) -> None:
        if segment.text or not self.report.has(segment.lines[-1], "number_split"):
            self.report.add(segment.lines[-1], "split_line", f"{segment.text[-12:]} | {piece.text[:12]}")
        segment.text += piece.text
        segment.lines.append(piece.line)

    def _goes_on(self, text: str, pieces: Sequence[_Piece], index: int) -> bool:
        """Whether the piece continues the sentence before it."""
        piece = pieces[index]
        if not text or piece.text[0] in _JOINS or text[-1] in _OPEN_ENDS or _CLOCK.search(text + "|" + piece.text):
            return True
        if ends_sentence(text) or text.endswith((":", "：")):
            return False
        run = pieces[index:]
        if any(not later.sub and ends_sentence(later.text) for later in run):
            return True
        return not self.terminated and len(run) == 1 and not opens_with_verb(piece.text)

    def finish(self) -> None:
        """Close the list; lines under a heading without any number are duties that lost theirs."""
        if self._marker is not None:
            self._close(None)
        elif self._lead:
            self._without_numbers(self._segments(self._lead))
            self._lead = []

"""Mends what the line breaks of a copy got wrong around numbers and headings: split numbers, glued duties, glued headings."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from dutybook.catalogue.damage import Report
from dutybook.catalogue.document import Block, Marker
from dutybook.catalogue.numbering import figures, split_marker
from dutybook.catalogue.text import block_of
from dutybook.catalogue.words import (
    CLOSERS,
    SUFFIX_ENDS,
    TERMINAL,
    heading_of,
    is_department,
    is_document_title,
    is_duty_label,
    is_name,
    is_position,
    opens_with_verb,
)

_SENTENCE_END = re.compile(rf"[{TERMINAL}][{CLOSERS}]*\s*")
_SUFFIX_THEN_NUMBER = re.compile(
    r"(?:职责|责任制|说明书|工作内容)\s*[:：]?\s*(?=(?:1[、.．]\D|⒈|①|[(（](?:1|一)[)）]|⑴|一、))"
)
_INNER_HEADING = re.compile(
    r"(?<=[^(（])(?=[(（][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十\d]{1,3}[章节部])"
)
_INNER_NUMBER = re.compile(r"(?<![\d、.\uff0e])(?:#+ |[(\uff08]|\d|[一二三四五六七八九十]+[、.\uff0e)\uff09]|第)")
_TRAIL = ":： \t\u3000"
_GLYPHS = frozenset(map(chr, range(0x2460, 0x249C)))


def mend_numbers(blocks: Sequence[Block], report: Report) -> list[Block]:
    """Blocks whose numbers are whole again: `1` above `1、…` after number 10 reads 11."""
    mended: list[Block] = []
    last = 0
    for block in blocks:
        before = mended[-1] if mended else None
        if before and (parts := _whole(before, block, last)):
            report.add(before.line, "number_split", f"{before.printed[-4:]} | {block.printed}")
            mended[-1:] = parts
        else:
            mended.append(block)
        last = next((part.marker.number for part in reversed(mended[-2:]) if part.marker), last)
    return mended


def _whole(before: Block, block: Block, last: int) -> list[Block] | None:
    """Both blocks with the number moved to where it belongs, when one was split between them."""
    if before.marker is None and len(before.text) <= 3:
        whole = _whole_number(before, block, last)
        return [Block("", before.line, whole[0]), Block(whole[1], block.line)] if whole else None
    return list(_number_at_end(before, block, last) or ()) if block.marker else None


def _whole_number(pending: Block, block: Block, last: int) -> tuple[Marker, str] | None:
    """The number that a stray beginning and the next block make together, if it is the one due."""
    marker, rest = split_marker(pending.text + block.printed)
    if marker is None or marker.weak or len(marker.prefix) <= len(pending.text):
        return None
    due = marker.number == last + 1 if pending.text.isdigit() else marker.style.startswith(("(", "第"))
    return (marker, rest) if due else None


def _number_at_end(before: Block, block: Block, last: int) -> tuple[Block, Block] | None:
    """`…培训。1` above `1、树立…`: the digit moved down to its number."""
    found = re.search(rf"(?<=[{TERMINAL}])\s*(\d{{1,2}})$", before.text) if before.text[-1:].isdigit() else None
    if found is None or last < 9:
        return None
    marker, rest = split_marker(found[1] + block.printed)
    if marker is None or marker.number != last + 1:
        return None
    return replace(before, text=before.text[: found.start()].rstrip()), Block(rest, block.line, marker)


def join_headings(blocks: Sequence[Block], report: Report) -> list[Block]:
    """Headings that a line break cut in two made whole: `(二)档案员岗` above `位职责`."""
    styles = Counter(block.style for block in blocks if _may_head(block) and _heading_text(block.text))
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before and block.marker is None and block.text.endswith(SUFFIX_ENDS) and _is_rest(before, block, styles):
            report.add(before.line, "split_line", f"{before.printed} | {block.text}")
            joined[-1] = replace(before, text=before.text + block.text)
        else:
            joined.append(block)
    return joined


def _may_head(block: Block) -> bool:
    return len(block.text) <= 30 and block.text.endswith(SUFFIX_ENDS)


def _is_rest(before: Block, block: Block, styles: Counter[str]) -> bool:
    """Whether two lines are one heading: cut inside the suffix, or inside the title where the styles tell."""
    whole, rest = heading_of(before.text + block.text), heading_of(block.text)
    if len(before.text) > 30 or not whole.suffix or not is_name(whole.title) or heading_of(before.text).suffix:
        return False
    if not rest.suffix or len(rest.title) <= 1:
        return not is_duty_label(block.text)
    return bool(before.style) and styles[before.style] > styles[""]


def unglue(blocks: Sequence[Block], report: Report) -> list[Block]:
    """Blocks cut where a further heading or duty begins inside them."""
    known = _known_headings(blocks)
    cut: list[Block] = []
    last: Marker | None = None
    for index, block in enumerate(blocks):
        after = blocks[index + 1] if index + 1 < len(blocks) else None
        for part in _cut_headings(block, after, known, report):
            duties = _cut_duties(part, last, blocks, index, report)
            cut += duties
            last = next((piece.marker for piece in reversed(duties) if piece.marker), last)
    return cut


def _known_headings(blocks: Sequence[Block]) -> set[str]:
    """Suffixed headings that stand on lines of their own."""
    texts = (block.text for block in blocks if len(block.text) <= 30 and block.text.endswith(SUFFIX_ENDS))
    return {text for text in texts if (heading := heading_of(text)).suffix and is_name(heading.title)}


def _cut_headings(block: Block, after: Block | None, known: set[str], report: Report) -> Iterator[Block]:
    """The block, cut before a heading at its end and after a heading at its start."""
    text = block.text
    if "职责" in text or "责任制" in text or "说明书" in text:
        found = _SUFFIX_THEN_NUMBER.search(text)
        start = _tail(text[: found.start()]) if found else 0
        head = block_of(text[start : found.end()].rstrip(_TRAIL), block.line) if found else block
        if found and _heading_text(_INNER_HEADING.split(head.text)[-1]):
            yield from _cut_list(replace(block, text=text[:start].rstrip()), head, text[found.end() :], report)
            return
    start = _heading_start(block, after, known)
    if start == 0:
        yield block
        return
    report.add(block.line, "glued_heading", text[start:])
    yield replace(block, text=text[:start].rstrip())
    yield from _cut_heading_line(text[start:].lstrip(), block.line)


def _cut_list(before: Block, head: Block, rest: str, report: Report) -> Iterator[Block]:
    """What stands before a heading, the heading, and the list glued to it."""
    report.add(head.line, "glued_duty", head.text + rest)
    if before.text:
        report.add(head.line, "glued_heading", head.printed)
        yield before
    marker = None if before.text else before.marker
    yield from _cut_heading_line((marker.prefix if marker else "") + head.printed, head.line)
    yield from _cut_headings(block_of(rest, head.line), None, set(), report)


def _cut_heading_line(text: str, line: int) -> Iterator[Block]:
    """A department and a position printed in one go: `财务部(一)主任岗位职责`."""
    for part in _INNER_HEADING.split(text):
        yield block_of(part.strip(), line)


def _heading_text(text: str) -> bool:
    heading = heading_of(text)
    return bool(heading.suffix) and is_name(heading.title)


def _heading_start(block: Block, after: Block | None, known: set[str]) -> int:
    """Where a heading begins at the end of the block; 0 when none does."""
    text = block.text
    if text.endswith(SUFFIX_ENDS):
        return _suffixed_start(text, known)
    fresh = (
        after is not None and after.marker is not None and (after.marker.number == 1 or after.marker.style == "(一)")
    )
    if not fresh or text[-1] in TERMINAL:
        return 0
    start = _tail(text)
    tail = block_of(text[start:], 0).text if start else ""
    named = is_name(tail) and (is_position(tail) or is_department(tail)) and not is_document_title(tail)
    return start if start and named else 0


def _suffixed_start(text: str, known: set[str]) -> int:
    start = _tail(text)
    if start:
        tail = block_of(text[start:], 0).text
        inner = _INNER_HEADING.split(tail)
        return start if _heading_text(inner[-1] if len(inner) == 1 else split_marker(inner[-1])[1]) else 0
    for found in _INNER_NUMBER.finditer(text):
        head = block_of(text[found.start() :], 0)
        if found.start() and head.style and _stands_apart(head, text):
            return found.start()
    for length in range(min(len(text) - 4, 30), 3, -1):
        if text[-length:] in known and not is_name(text):
            return len(text) - length
    return 0


def _stands_apart(head: Block, text: str) -> bool:
    """Whether a numbered heading inside a text is no part of a longer title."""
    title = heading_of(head.text).title
    if not _heading_text(head.text) or not is_position(title) or title[0].isdigit() or "的" in title:
        return False
    return bool(head.level) or head.style == "(一)" or not is_name(heading_of(text).title)


def _tail(text: str) -> int:
    """Where the last sentence ends and something unfinished follows; 0 when there is but one sentence."""
    end = 0
    for found in _SENTENCE_END.finditer(text):
        if found.end() < len(text):
            end = found.end()
    return end


def _cut_duties(block: Block, last: Marker | None, blocks: Sequence[Block], index: int, report: Report) -> list[Block]:
    """The block, cut before each following number that is due."""
    parts = [block]
    starts = [block.marker] if block.marker else [last, _one_before(blocks, index)]
    marker = next((start for start in starts if start and _due(block.text, start, blocks, index)), None)
    while marker is not None and (cut := _due(parts[-1].text, marker, blocks, index)):
        text = parts[-1].text
        report.add(block.line, "glued_duty", text[cut[0] :])
        parts[-1] = replace(parts[-1], text=text[: cut[0]].rstrip())
        marker = cut[1]
        parts.append(Block(text[cut[0] + len(marker.prefix) :], block.line, marker))
    return parts


def _one_before(blocks: Sequence[Block], index: int) -> Marker | None:
    """Number 1 in the style of the list that follows, for a line that opens it and lost its own number."""
    ahead = next((block.marker for block in blocks[index + 1 : index + 4] if block.marker), None)
    if ahead and ahead.number > 2:
        return Marker(ahead.style, 1, "", "")
    return Marker("", 1, "", "") if index and blocks[index - 1].text.endswith(SUFFIX_ENDS) else None


def _due(text: str, marker: Marker, blocks: Sequence[Block], index: int) -> tuple[int, Marker] | None:
    """Where the number after `marker` begins inside a text, unless a later block carries it."""
    number = marker.number + 1
    if number < 2 or _number_pattern(number).search(text) is None:
        return None
    ahead = next((block.marker for block in blocks[index + 1 : index + 4] if block.marker), None)
    skipped = ahead is not None and ahead.style == marker.style and ahead.number == number + 1
    for found in _number_pattern(number).finditer(text):
        inner, rest = split_marker(text[found.start() :])
        if inner is None or inner.number != number or found.start() == 0 or rest[:1].isdigit():
            continue
        same = marker.style in {inner.style, ""}
        if not (_stands_free(text, found.start(), inner) or (same and (skipped or _opens_duty(inner, rest)))):
            continue
        if not _own_list(text[: found.start()], inner) and not _carried(
            replace(inner, style=marker.style or inner.style), blocks, index
        ):
            return found.start(), inner
    return None


@cache
def _number_pattern(number: int) -> re.Pattern[str]:
    """The number in any printed form."""
    forms = "|".join(map(re.escape, figures(number)))
    return re.compile(rf"(?<![\d、.\uff0e])[(\uff08]?(?:{forms})")


def _stands_free(text: str, at: int, marker: Marker) -> bool:
    """Whether the number is a glyph of its own or follows a sentence or a space."""
    if marker.printed[0] in _GLYPHS:
        return True
    before = text[at - 1 : at]
    arabic = marker.style.lstrip("(")[:1] in {"1", "a", "A"}
    return arabic and not marker.weak and (before in TERMINAL + CLOSERS or before.isspace())


def _opens_duty(marker: Marker, rest: str) -> bool:
    """Whether a number right after a word can only begin a duty: bracketed, or with a verb after it."""
    return marker.style.startswith("(") or (not marker.weak and opens_with_verb(rest))


def _own_list(before: str, marker: Marker) -> bool:
    """Whether the text itself counts from 1 in the same style."""
    first = "a" if marker.style[:1] == "a" else "1"
    return f"{first}{marker.printed[-1]}" in before


def _carried(marker: Marker, blocks: Sequence[Block], index: int) -> bool:
    """Whether the next block with a number of that style carries just this number."""
    for block in blocks[index + 1 : index + 7]:
        if block.marker and block.marker.style == marker.style:
            return block.marker.number == marker.number
        if block.text.endswith(SUFFIX_ENDS):
            return False
    return False

"""Blocks with roles to positions: which heading stands under which, and what belongs to each position."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dutybook.catalogue.damage import Report
from dutybook.catalogue.document import Block, Section
from dutybook.catalogue.drafts import Draft
from dutybook.catalogue.lists import DutyList
from dutybook.catalogue.organisation import named_organisation
from dutybook.catalogue.roles import Habits, Role
from dutybook.catalogue.words import (
    heading_of,
    is_category,
    is_department,
    is_department_key,
    is_duty_label,
    is_name,
    is_position,
    is_title_key,
    key_and_content,
    tidy,
)

_LEFT_OUT = "不属于岗位,略去 / no part of the position, left out"
_NOTE_LINES = 3
_NOTE_LENGTH = 300
_OTHER_LENGTH = 400


def grow(blocks: Sequence[Block], roles: Sequence[Role], habits: Habits, report: Report) -> list[Draft]:
    """The positions of a run of blocks, in order."""
    tree = _Tree(habits, report, _ranks(blocks, roles))
    following = _next_numbered(blocks)
    for index, (block, role) in enumerate(zip(blocks, roles, strict=True)):
        after = following[index]
        if role is Role.ITEM:
            tree.item(block, blocks[after] if after >= 0 else None)
        else:
            tree.other(block, role, roles[index + 1] if index + 1 < len(roles) else None)
    tree.close()
    return tree.drafts


def _next_numbered(blocks: Sequence[Block]) -> list[int]:
    following, upcoming = [-1] * len(blocks), -1
    for index in range(len(blocks) - 1, -1, -1):
        following[index] = upcoming
        if blocks[index].marker:
            upcoming = index
    return following


def _level_key(block: Block) -> str:
    """What headings of one level share; unnumbered ones are told apart by what they name."""
    return block.style or ("categories" if is_category(heading_of(block.text).title) else "units")


def _ranks(blocks: Sequence[Block], roles: Sequence[Role]) -> dict[str, int]:
    """How deep each kind of group heading stands, learned from which stands directly under which."""
    under: dict[str, set[str]] = {}
    above = ""
    for block, role in zip(blocks, roles, strict=True):
        if role is not Role.GROUP and role is not Role.UNIT:
            above = ""
            continue
        key = _level_key(block)
        under.setdefault(key, set())
        if above and above != key:
            under[above].add(key)
        above = key if role is Role.GROUP else ""
    return {key: len(under) - _height(key, under, frozenset()) for key in under}


def _height(key: str, under: dict[str, set[str]], seen: frozenset[str]) -> int:
    if key.startswith("#"):
        return 100 - len(key)
    return 1 + max((_height(low, under, seen | {key}) for low in under[key] - seen - {key}), default=0)


@dataclass(slots=True)
class _Tree:
    habits: Habits
    report: Report
    ranks: dict[str, int]
    drafts: list[Draft] = field(default_factory=list)
    path: list[tuple[int, str]] = field(default_factory=list)
    draft: Draft | None = None
    duties: DutyList | None = None
    section: str | None = None
    lines: list[Block] = field(default_factory=list)
    part: int = 0
    stray: int = 0
    department: str = ""
    organisation: str = ""
    start: int = 0

    def item(self, block: Block, after: Block | None) -> None:
        """A numbered line: of the section or list that is open, or of a position whose heading is lost."""
        self._touch(block)
        if self.section is not None:
            self.lines.append(block)
            return
        following = after.marker if after else None
        if self.duties is None and not self._nameless(block):
            self.stray += len(block.text)
            return
        assert self.duties is not None
        if self.duties.restarts(block, following):
            self.report.add(block.line, "duplicate_number", block.printed)
            self._open_nameless(block, restarted=True)
        self.duties.item(block, following)
        self._touch(block)

    def _nameless(self, block: Block) -> bool:
        """Open a position without heading where a department or the beginning of the text calls for one."""
        if self.stray or (self.drafts and not self.path) or block.marker is None or block.marker.weak:
            return False
        if self.path and not is_department(self.path[-1][1]):
            return False
        self._open_nameless(block, restarted=False)
        return True

    def _open_nameless(self, block: Block, *, restarted: bool) -> None:
        self.close()
        self._open("", "", "", block.line)
        assert self.draft
        self.draft.restarted = restarted

    def other(self, block: Block, role: Role, following: Role | None) -> None:
        """A heading, a label or a line without number."""
        if role is Role.TEXT:
            self._text(block)
        elif role is Role.POSITION:
            self._position(block)
        elif role is Role.GROUP:
            self._group(block)
        elif role is Role.UNIT:
            self._group(block)
            self._position(block)
        elif role is Role.KEY:
            self._key(block)
        elif role is Role.TITLE:
            self._title(block, following)
        else:
            self._label(block, role)
        self._touch(block)

    def _touch(self, block: Block) -> None:
        if self.draft:
            self.draft.end = block.line

    def _text(self, block: Block) -> None:
        if self.section is not None:
            self.lines.append(block)
        elif self.duties is not None:
            self.duties.text(block)
        else:
            self.stray += len(block.text)

    def _title(self, block: Block, following: Role | None) -> None:
        """A document title between headings ends what was before; inside a list it is a page header."""
        if following is Role.ITEM:
            return
        self.close()
        self.path.clear()
        self.start = block.line
        organisation = named_organisation(block.text) or self.organisation
        self.part += bool(self.drafts) and organisation != self.organisation
        self.organisation = organisation

    def _group(self, block: Block) -> None:
        self.close()
        self.start = self.start or block.line
        self.department = ""
        rank = self.ranks[_level_key(block)]
        while self.path and self.path[-1][0] >= rank:
            self.path.pop()
        self.path.append((rank, "" if is_duty_label(tidy(block.text)) else heading_of(block.text).title))

    def _position(self, block: Block) -> None:
        self.close()
        heading = heading_of(block.text)
        self._open(heading.title, block.printed, heading.suffix, block.line)

    def _open(self, title: str, printed: str, suffix: str, line: int) -> None:
        if self.stray > _OTHER_LENGTH and self.drafts:
            self.part += 1
        self.stray = 0
        category, department = self._names()
        self.draft = Draft(
            title, printed, suffix, line, category, department, self.part, start=self.start or line, end=line
        )
        self.start = 0
        self.duties = DutyList(self.report, self.habits.terminated)

    def _names(self) -> tuple[str, str]:
        """Category and department of the open path."""
        names = [name for _, name in self.path if name]
        if self.department:
            return (names[0] if names else ""), self.department
        if len(names) == 1:
            return (names[0], "") if is_category(names[0]) and not is_department(names[0]) else ("", names[0])
        return (names[0] if names else ""), "/".join(names[1:])

    def _label(self, block: Block, role: Role) -> None:
        self._end_section()
        if role is Role.SECTION_LABEL and self.draft:
            self.section, self.lines = tidy(block.text), [block]

    def _key(self, block: Block) -> None:
        """`岗位名称:…`, `所属部门:…`, `直接上级:…`, `岗位职责:…`."""
        known = key_and_content(block.text)
        assert known
        key, content = known
        if is_title_key(key) or (is_duty_label(key) and is_name(content) and is_position(content)):
            self._titled(block, content)
        elif is_department_key(key):
            self.department = content
            if self.draft and not self.duties_begun:
                self.draft.category, self.draft.department = self._names()
        elif is_duty_label(key):
            self._end_section()
            if self.duties is not None:
                self.duties.text(Block(content, block.line))
        elif self.draft:
            self._end_section()
            self.draft.sections.append(Section(key, content, (block.line,)))
            self.section, self.lines = (None, []) if self.duties_begun else (key, [block])
            if self.section is not None:
                self.draft.sections.pop()

    @property
    def duties_begun(self) -> bool:
        """Whether the open position has duties already."""
        return self.duties is not None and self.duties.started

    def _titled(self, block: Block, content: str) -> None:
        """`岗位名称:…` names the position just opened, or opens one."""
        title = heading_of(content).title
        if self.draft and not self.duties_begun and not self.draft.sections and self.draft.title in {"", title}:
            self.draft.title = title
            return
        self.close()
        self._open(title, block.printed, "", block.line)

    def _end_section(self) -> None:
        if self.section is None:
            return
        if self.draft:
            first, *others = self.lines
            known = key_and_content(first.text)
            texts = [known[1]] if known else []
            texts += [block.printed for block in others]
            section = Section(self.section, "\n".join(texts), tuple(block.line for block in self.lines))
            self.draft.sections.append(section)
        self.section, self.lines = None, []

    def close(self) -> None:
        """Finish the open position: its duties, its note, and what is too much for a note."""
        self._end_section()
        draft, duties = self.draft, self.duties
        self.draft = self.duties = None
        if draft is None or duties is None:
            return
        duties.finish()
        draft.duties = duties.duties
        self._note(draft, duties)
        self.drafts.append(draft)

    def _note(self, draft: Draft, duties: DutyList) -> None:
        rest = duties.rest
        length = sum(len(segment.text) for segment in rest)
        if len(rest) > _NOTE_LINES or length > _NOTE_LENGTH:
            self.stray += length
            self.report.add(rest[0].lines[0], "unnumbered_paragraph", rest[0].text, _LEFT_OUT)
            draft.end = draft.duties[-1].lines[-1] if draft.duties else draft.line
            return
        for segment in rest:
            self.report.add(segment.lines[0], "unnumbered_paragraph", segment.text)
            draft.note.append((segment.text, segment.lines[0]))

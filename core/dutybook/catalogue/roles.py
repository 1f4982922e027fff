"""Which blocks are headings and which are duties, from what they look like, how they are numbered and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from dutybook.catalogue.document import Block
from dutybook.catalogue.looks import Look
from dutybook.catalogue.words import (
    ends_sentence,
    heading_of,
    is_category,
    is_department,
    is_organisation,
    is_position,
    is_title_key,
    key_and_content,
)


class Role(Enum):
    """What a block is in its document."""

    ITEM = auto()
    TEXT = auto()
    POSITION = auto()
    GROUP = auto()
    UNIT = auto()
    DUTY_LABEL = auto()
    SECTION_LABEL = auto()
    KEY = auto()
    TITLE = auto()


_HEADINGS = frozenset({Role.POSITION, Role.GROUP, Role.UNIT})
_CHAPTERS = frozenset({"第章", "第节", "第部分", "第篇"})
_NAMES = frozenset({Look.POSITION_NAME, Look.UNIT_NAME, Look.NAME})


@dataclass(slots=True)
class Habits:
    """How one document numbers its headings and its duties."""

    item_styles: frozenset[str]
    position_styles: frozenset[str]
    suffixed: int
    named: int
    terminated: bool
    says_duties: bool = False
    unit_styles: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Count:
    total: int = 0
    texts: int = 0
    leaves: int = 0
    suffixed: int = 0
    named: int = 0
    units: int = 0


def habits_of(blocks: Sequence[Block], looks: Sequence[Look], title: str = "") -> Habits:
    """Counts, style by style, what kind of block a style numbers."""
    counts: dict[str, _Count] = {}
    terminated = total = 0
    for index, (block, seen) in enumerate(zip(blocks, looks, strict=True)):
        if block.marker is None and not block.level:
            continue
        count = counts.setdefault(block.style, _Count())
        count.total += 1
        count.texts += seen is Look.TEXT
        count.suffixed += seen is Look.SUFFIXED
        count.units += seen is Look.SUFFIXED and _is_unit(heading_of(block.text).title)
        count.named += seen is Look.POSITION_NAME
        count.leaves += _followed_by_sibling(blocks, index)
        if seen is Look.TEXT:
            total += 1
            terminated += ends_sentence(block.text)
    items = frozenset(style for style, count in counts.items() if _numbers_items(style, count))
    return Habits(
        items,
        frozenset(style for style, count in counts.items() if style not in items and _numbers_positions(count)),
        sum(seen is Look.SUFFIXED for seen in looks),
        sum(seen is Look.POSITION_NAME for seen in looks),
        terminated * 10 >= total * 6,
        says_duties="职责" in title or any("职责" in block.text for block in blocks[:3]),
        unit_styles=_unit_styles(counts),
    )


def _unit_styles(counts: Mapping[str, _Count]) -> frozenset[str]:
    """Styles whose suffixed headings are all units, while positions are headed in another style."""
    units = {style for style, count in counts.items() if count.units and count.units == count.suffixed}
    others = any(count.suffixed > count.units for count in counts.values())
    return frozenset(units) if others else frozenset()


def _is_unit(title: str) -> bool:
    return (is_department(title) or is_category(title)) and not is_position(title)


def _followed_by_sibling(blocks: Sequence[Block], index: int) -> bool:
    marker, after = blocks[index].marker, blocks[index + 1].marker if index + 1 < len(blocks) else None
    return bool(marker and after and after.style == marker.style and after.number in {marker.number + 1, 0})


def _numbers_items(style: str, count: _Count) -> bool:
    if style.startswith("#"):
        return False
    return count.texts * 2 > count.total or count.leaves * 5 > count.total * 2


def _numbers_positions(count: _Count) -> bool:
    return (count.suffixed + count.named) * 10 >= (count.total - count.texts) * 3 and count.suffixed + count.named > 0


def roles_of(blocks: Sequence[Block], looks: Sequence[Look], habits: Habits) -> list[Role]:
    """The role of every block, decided from the last to the first because headings are known by what follows."""
    roles = [Role.TEXT] * len(blocks)
    for index in range(len(blocks) - 1, -1, -1):
        roles[index] = _Choice(blocks, looks, habits, roles, index).role()
    return roles


@dataclass(slots=True)
class _Choice:
    """One block between its neighbours, the following ones already decided."""

    blocks: Sequence[Block]
    looks: Sequence[Look]
    habits: Habits
    roles: list[Role]
    index: int

    @property
    def block(self) -> Block:
        return self.blocks[self.index]

    @property
    def plain(self) -> Role:
        return Role.ITEM if self.block.marker and not self.block.marker.weak else Role.TEXT

    @property
    def next_role(self) -> Role | None:
        return self.roles[self.index + 1] if self.index + 1 < len(self.roles) else None

    def role(self) -> Role:
        seen = self.looks[self.index]
        if seen is Look.TEXT:
            marker = self.block.marker
            return Role.ITEM if marker else Role.TEXT
        if seen is Look.TITLE:
            return self._title()
        if seen is Look.SUFFIXED:
            return self._suffixed()
        if seen in _NAMES:
            return self._name(seen)
        return self._label(seen)

    def _label(self, seen: Look) -> Role:
        numbered = self.block.marker is not None and self.block.style in self.habits.item_styles
        if self._in_list() or (numbered and seen is not Look.KEY and not self._opens_list()):
            return Role.ITEM
        if seen is Look.KEY:
            key = key_and_content(self.block.text)
            return Role.ITEM if numbered and key and not is_title_key(key[0]) else Role.KEY
        if seen is Look.SECTION_LABEL:
            return Role.SECTION_LABEL
        return Role.GROUP if self.block.style and self.next_role in _HEADINGS else Role.DUTY_LABEL

    def _in_list(self) -> bool:
        """Whether the block is one of a list of items: numbered after the one before and before the one after."""
        if self.block.style not in self.habits.item_styles or self.block.marker is None:
            return False
        before = self.index > 0 and _followed_by_sibling(self.blocks, self.index - 1)
        return before or _followed_by_sibling(self.blocks, self.index)

    def _title(self) -> Role:
        if self.block.marker and not self.block.level:
            return Role.ITEM
        if self._opens_list() and heading_of(self.block.text).suffix:
            return Role.POSITION
        return Role.TITLE

    def _suffixed(self) -> Role:
        if self._in_list() and not self._opens_list():
            return Role.ITEM
        title = heading_of(self.block.text).title
        unit = _is_unit(title)
        above = self._stands_above()
        if is_organisation(title) and not self.block.marker and self.next_role in {*_HEADINGS, Role.TITLE}:
            return Role.TITLE
        if (unit and above) or (title.endswith("的") and self._opens_list()):
            return Role.GROUP
        return Role.UNIT if unit and self.block.style in self.habits.unit_styles else Role.POSITION

    def _stands_above(self) -> bool:
        """Whether a heading of another style follows, or without numbers one of a post; at most a short preface between."""
        for index in range(self.index + 1, min(self.index + 4, len(self.roles))):
            if self.roles[index] is not Role.TEXT:
                return self.roles[index] in _HEADINGS and self._unlike(index)
        return False

    def _unlike(self, index: int) -> bool:
        other = self.blocks[index]
        if other.style != self.block.style or self.looks[index] is not self.looks[self.index]:
            return True
        return not self.block.style and not _is_unit(heading_of(other.text).title)

    def _opens_list(self) -> bool:
        """Whether a list of its own starts right after the block."""
        if self.next_role in {Role.DUTY_LABEL, Role.SECTION_LABEL, Role.KEY}:
            return True
        if self.next_role is not Role.ITEM:
            return False
        after = self.blocks[self.index + 1]
        if after.marker is None or (after.style == self.block.style and after.marker.number != 1):
            return False
        return after.marker.number <= 1 or self._skips_first(after.marker.number)

    def _skips_first(self, number: int) -> bool:
        """A list that starts late because its first numbers are lost: no list before it runs on."""
        before = next(
            (block.marker for block in reversed(self.blocks[max(0, self.index - 3) : self.index]) if block.marker), None
        )
        return number <= 3 and (before is None or before.number >= number)

    def _name(self, seen: Look) -> Role:
        style = self.block.style
        if self._in_list() and style not in self.habits.position_styles:
            return Role.ITEM
        if self.next_role in _HEADINGS or self.next_role is Role.TITLE:
            return self._above_headings(seen)
        if self._opens_list():
            return self._above_items(seen)
        if style in self.habits.position_styles and self.next_role is Role.TEXT:
            return Role.POSITION
        if seen is Look.POSITION_NAME and self.next_role is Role.TEXT and self._starts_plain_duties():
            return Role.POSITION
        return Role.GROUP if style in _CHAPTERS else self.plain

    def _starts_plain_duties(self) -> bool:
        """Whether sentences without numbers follow in a document that is about duties."""
        about = self.habits.says_duties or self.habits.suffixed
        return (
            bool(about)
            and self.block.marker is None
            and ends_sentence(self.blocks[self.index + 1].text)
            and self._after_end()
        )

    def _after_end(self) -> bool:
        """Whether what stands before is complete: a sentence, a short heading, or nothing."""
        if self.index == 0:
            return True
        before = self.blocks[self.index - 1]
        return ends_sentence(before.text) or not self.habits.terminated or self.looks[self.index - 1] is not Look.TEXT

    def _after_whole(self) -> bool:
        """Whether the block cannot be the rest of a broken line: a sentence ended before it, or no duty stands there."""
        before = self.blocks[self.index - 1] if self.index else None
        return before is None or before.marker is None or ends_sentence(before.text)

    def _above_headings(self, seen: Look) -> Role:
        follower = self.blocks[self.index + 1]
        if is_organisation(self.block.text) and not self.block.marker and self.index < 3:
            return Role.TITLE
        if self.block.style in self.habits.position_styles and follower.style == self.block.style:
            return Role.POSITION
        if seen is Look.UNIT_NAME:
            return Role.GROUP if self.block.style not in self.habits.item_styles else self.plain
        numbered = self.block.style not in self.habits.item_styles and bool(self.block.style)
        if seen is Look.POSITION_NAME and follower.style == self.block.style:
            return Role.POSITION if numbered else self.plain
        return Role.GROUP if numbered or (seen is Look.NAME and self._after_whole()) else self.plain

    def _above_items(self, seen: Look) -> Role:
        style, habits = self.block.style, self.habits
        if seen is Look.POSITION_NAME or style in habits.position_styles:
            return Role.POSITION if style not in habits.item_styles else self.plain
        if style in habits.item_styles:
            return Role.ITEM
        if seen is Look.UNIT_NAME:
            return Role.GROUP if habits.suffixed + habits.named else Role.POSITION
        if self.block.level or not style:
            return Role.POSITION if (habits.suffixed or habits.says_duties) and self._after_end() else self.plain
        return Role.POSITION if habits.says_duties and not habits.suffixed else Role.GROUP

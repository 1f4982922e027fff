"""Contents pages: entries with leaders and page numbers, or a list of headings after 目录."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dutybook.catalogue.damage import Report
from dutybook.catalogue.document import Block
from dutybook.catalogue.numbering import split_marker
from dutybook.catalogue.words import TERMINAL, heading_of

_LEADER = r"(?:…+|[.．·。・‧]{3,}|-{4,}|—{2,}|_{3,}|[ \t\u3000]{3,}|\t+)[….．·・‧ \t\u3000-]*"
_ENTRY = re.compile(rf"(?P<text>.*?\S)\s*{_LEADER}\s*[(（]?(?P<page>\d{{1,4}})[)）]?$")
_GLUED = re.compile(
    rf"(?P<text>.*?\S)\s*{_LEADER}\s*(?P<digits>\d{{1,7}})(?P<rest>[、.．)）].*|[一二三四五六七八九十第(（].*)$"
)
_LABEL = re.compile(r"[\s【\[]*目\s*[录次][\s】\]]*[:：]?$")
_LABEL_AT_END = re.compile(r"(?P<before>.{2,})目\s*[录次]$")


@dataclass(slots=True)
class Contents:
    """One contents page: where it starts and the headings it lists."""

    line: int
    entries: list[Block] = field(default_factory=list)


def take_contents(blocks: Sequence[Block], report: Report) -> tuple[list[Block], list[Contents]]:
    """The blocks without contents pages, and those pages."""
    kept: list[Block] = []
    pages: list[Contents] = []
    following = False
    index = 0
    while index < len(blocks):
        block = blocks[index]
        index += 1
        entries = _entries(block, pages[-1].entries if following else [], report) if _may_list(block) else []
        if entries:
            if not following:
                pages.append(Contents(block.line))
            pages[-1].entries += entries
            following = True
        elif label := _label(block, report):
            kept += [label] if label.text else []
            index, page = _plain_list(blocks, index)
            pages.append(Contents(block.line, page))
            following = True
        else:
            kept.append(block)
            following = False
    return kept, [page for page in pages if page.entries]


def _may_list(block: Block) -> bool:
    return block.text[-1:].isdigit() or block.text[-1:] in ")）" if block.text else False


def _label(block: Block, report: Report) -> Block | None:
    """An empty block for a line 目录, the title before it when both are glued."""
    if not block.text.endswith(("录", "次", "】", "]", ":", "：")):
        return None
    if _LABEL.match(block.text):
        return replace(block, text="")
    found = _LABEL_AT_END.match(block.text)
    if found is None or len(block.text) > 60 or any(mark in block.text for mark in TERMINAL) or block.marker:
        return None
    if any(char.isdigit() for char in found["before"]):
        report.add(block.line, "glued_heading", block.text)
    return replace(block, text=found["before"].strip(), level=1)


def _entries(block: Block, earlier: list[Block], report: Report) -> list[Block]:
    """The entries that a line holds: none, one, or several glued together."""
    found: list[Block] = []
    while glued := _GLUED.match(block.text):
        last = (
            block.marker.number
            if block.marker
            else (earlier[-1].marker.number if earlier and earlier[-1].marker else 0)
        )
        number = _expected_tail(glued["digits"], last + 1)
        report.add(block.line, "glued_contents_entry", block.printed)
        found.append(replace(block, text=glued["text"]))
        marker, rest = split_marker(number + glued["rest"])
        block = replace(block, marker=marker, text=rest)
    single = _ENTRY.match(block.text)
    if single is None:
        return found
    return [*found, replace(block, text=single["text"])]


def _expected_tail(digits: str, expected: int) -> str:
    """The end of page and number run together that reads as the expected number."""
    return str(expected) if digits.endswith(str(expected)) and digits != str(expected) else ""


def _plain_list(blocks: Sequence[Block], start: int) -> tuple[int, list[Block]]:
    """Headings listed after 目录 without page numbers, up to where the first of them is printed again."""
    seen: set[str] = set()
    for index in range(start, len(blocks)):
        block = blocks[index]
        key = heading_of(block.text).title
        if key in seen:
            return index, list(blocks[start:index]) if index - start > 1 else []
        if len(block.text) > 40 or any(mark in block.text for mark in TERMINAL) or _ENTRY.match(block.text):
            break
        seen.add(key)
    return start, []


def compare(page: Contents, bodies: Sequence[tuple[str, str, int]], report: Report) -> None:
    """Report where a contents page and the bodies after it differ; a body is (title, heading without number, line)."""
    _numbers(page, report)
    titles = {title: (heading, line) for title, heading, line in reversed(bodies)}
    listed = {heading_of(entry.text).title for entry in page.entries}
    if not titles.keys() & listed:
        return
    left = [body for body in bodies if body[0] not in listed]
    for entry in page.entries:
        heading = heading_of(entry.text)
        if heading.title not in titles:
            twin = _closest(heading.title, left)
            if twin or heading.suffix:
                report.add(entry.line, "contents_body_mismatch", f"{entry.text} | {twin or '—'}")
        elif (body := titles[heading.title])[0] != entry.text and heading.suffix and heading_of(body[0]).suffix:
            report.add(entry.line, "contents_body_mismatch", f"{entry.text} | {body[0]}")


def _numbers(page: Contents, report: Report) -> None:
    numbered = [entry for entry in page.entries if entry.marker and entry.marker.number]
    if numbered and numbered[0].marker and numbered[0].marker.number > 1:
        report.add(numbered[0].line, "missing_heading", numbered[0].printed)
    for before, after in pairwise(numbered):
        assert before.marker
        assert after.marker
        if before.marker.style == after.marker.style and after.marker.number > before.marker.number + 1:
            report.add(before.line, "numbering_gap", f"{before.printed} | {after.printed}")


def _closest(title: str, bodies: Sequence[tuple[str, str, int]]) -> str | None:
    letters = set(title)
    scored = [(len(letters & set(body[0])) / len(letters | set(body[0])), body[1]) for body in bodies]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= 0.5 else None

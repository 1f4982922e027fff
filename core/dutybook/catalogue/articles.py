"""One file may hold several articles: `…篇(1)`, `…篇(2)`, `范文一`, `附件2`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dutybook.catalogue.document import Block, Span
from dutybook.catalogue.numbering import value

_NUMBER = r"(?P<number>\d{1,3}|[一二三四五六七八九十]{1,3})"
_LAST = re.compile(
    rf"(?P<stem>.{{0,30}}?(?:篇|范文|范本|样本|模板|样例|例文|附件|附录|卷))\s*[(（【\[]?{_NUMBER}[)）】\]]?\s*[:：]?$"
)
_FIRST = re.compile(
    rf"[【\[]?(?P<stem>第?(?:篇|范文|范本|附件|附录|卷)?)\s*{_NUMBER}\s*(?P<unit>篇|卷)?[】\]]?\s*[:：、].{{0,40}}$"
)
_HINT = re.compile("篇|范[文本]|样[本例]|模板|例文|附[件录]|卷")


@dataclass(frozen=True, slots=True)
class Article:
    """A run of blocks under one article heading (or the whole file)."""

    title: str
    span: Span
    blocks: Sequence[Block]


def cut_articles(blocks: Sequence[Block]) -> list[Article]:
    """The articles of a file; what stands before the first heading is an article of its own."""
    heads = _headings(blocks)
    if not heads:
        return [Article("", (blocks[0].line, blocks[-1].line), blocks)] if blocks else []
    starts = [-1, *heads]
    ends = [*heads, len(blocks)]
    return [
        _article(blocks, start, end) for start, end in zip(starts, ends, strict=True) if end - start > 1 or start >= 0
    ]


def _article(blocks: Sequence[Block], start: int, end: int) -> Article:
    inner = blocks[start + 1 : end]
    title = blocks[start].printed if start >= 0 else ""
    first = blocks[start].line + 1 if start >= 0 else inner[0].line
    return Article(title, (first, max(first, inner[-1].line if inner else first)), inner)


def _headings(blocks: Sequence[Block]) -> list[int]:
    """Indexes of lines that share a stem and count up from one to the next."""
    found: dict[str, list[tuple[int, int]]] = {}
    for index, block in enumerate(blocks):
        if len(block.text) <= 50 and (named := _ordinal(block)):
            found.setdefault(named[0], []).append((index, named[1]))
    heads = [index for places in found.values() if _counts_up(places) for index, _ in places]
    return sorted(heads)


def _ordinal(block: Block) -> tuple[str, int] | None:
    if block.marker and block.marker.style == "第篇":
        return "第篇", block.marker.number
    text = block.printed
    if _HINT.search(text) is None:
        return None
    named = _LAST.match(text) or _FIRST.match(text)
    if named is None or _HINT.search(named["stem"] + (named.groupdict().get("unit") or "")) is None:
        return None
    return named["stem"], value(named["number"])


def _counts_up(places: list[tuple[int, int]]) -> bool:
    numbers = [number for _, number in places]
    return len(numbers) >= 2 and all(after == before + 1 for before, after in pairwise(numbers))

"""A file to its catalogues: the order of the passes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from pathlib import Path

from dutybook.catalogue.articles import Article, cut_articles
from dutybook.catalogue.checks import check
from dutybook.catalogue.contents import Contents, compare, take_contents
from dutybook.catalogue.copies import is_copy, repair, settle_nameless, split_copies
from dutybook.catalogue.damage import Report
from dutybook.catalogue.decode import refuse_size
from dutybook.catalogue.document import (
    Block,
    Catalogue,
    Category,
    Department,
    ParsedDocument,
    Reading,
    Skipped,
    Span,
)
from dutybook.catalogue.drafts import Draft
from dutybook.catalogue.glue import join_headings, mend_numbers, unglue
from dutybook.catalogue.looks import look
from dutybook.catalogue.noise import drop_noise
from dutybook.catalogue.organisation import organisation_of
from dutybook.catalogue.roles import Role, habits_of, roles_of
from dutybook.catalogue.text import parse_text
from dutybook.catalogue.tree import grow
from dutybook.catalogue.words import is_position, key_and_content
from dutybook.errors import BadInput

_NO_DUTIES = "没有岗位职责清单 / no duty list"
_OTHER_MATTER = "清单以外的文字 / matter beside the duty lists"
_SHORT_PREFACE = 300


def read_file(path: Path) -> Reading:
    """The catalogues of a plain text file."""
    try:
        refuse_size(path.name, path.stat().st_size)
        return read_bytes(path.name, path.read_bytes())
    except OSError as error:
        raise BadInput(
            f"文件“{path}”无法读取:{error.strerror};请检查路径和权限。",
            f"The file “{path}” cannot be read: {error.strerror}; check its path and permissions.",
            path=(str(path),),
        ) from error


def read_bytes(name: str, data: bytes) -> Reading:
    """The catalogues of a plain text given as bytes; `name` is for messages."""
    document = parse_text(name, data)
    del data  # as large as all blocks together
    return read_document(document)


def read_document(document: ParsedDocument) -> Reading:
    """The catalogues of any document, whatever reader made its blocks."""
    skipped: list[Skipped] = []
    prints: list[_Print] = []
    for article in cut_articles(document.blocks):
        found = _prints(article, document)
        prints += found
        skipped += _skipped(article, found)
    catalogues = tuple(_catalogue(same) for same in _together(prints))
    return Reading(document.file, document.encoding, catalogues, tuple(skipped))


@dataclass(slots=True)
class _Print:
    """One run of positions in one article, perhaps in several copies."""

    span: Span
    copies: list[list[Draft]]
    titles: list[str]
    report: Report


def _prints(article: Article, document: ParsedDocument) -> list[_Print]:
    """All runs of positions in an article that deserve the name of a catalogue."""
    report = Report()
    blocks = mend_numbers(article.blocks, report)
    blocks = drop_noise(blocks, report)
    blocks, pages = take_contents(blocks, report)
    blocks = join_headings(blocks, report)
    blocks = unglue(blocks, report)
    looks = [look(block) for block in blocks]
    habits = habits_of(blocks, looks, article.title)
    roles = roles_of(blocks, looks, habits)
    drafts = grow(blocks, roles, habits, report)
    check(drafts, report)
    _compare(pages, drafts, report)
    report.take(document.damages, *article.span)
    titles = [block for block, role in zip(blocks, roles, strict=True) if role is Role.TITLE]
    titles += [block for block in blocks[:3] if not block.marker]
    return list(_runs(article, drafts, titles, _preface(blocks, drafts), report))


def _compare(pages: Sequence[Contents], drafts: Sequence[Draft], report: Report) -> None:
    """Each contents page against the bodies up to the next one."""
    for page, following in zip(pages, [*pages[1:], None], strict=False):
        end = following.line if following else float("inf")
        inner = [draft for draft in drafts if page.line <= draft.line < end and draft.title]
        compare(page, [(draft.title, draft.title + draft.suffix, draft.line) for draft in inner], report)


def _runs(
    article: Article, drafts: Sequence[Draft], titles: Sequence[Block], preface: int, report: Report
) -> Iterator[_Print]:
    """The runs of positions that other matter keeps apart; a short preface belongs to the first."""
    runs = [list(run) for _, run in groupby(drafts, key=lambda draft: draft.part)]
    runs = [run for run in runs if _is_catalogue(run)]
    starts = [run[0].start for run in runs]
    if runs and runs[0][0] is drafts[0] and preface <= _SHORT_PREFACE:
        starts[0] = article.span[0]
    for run, start, end in zip(runs, starts, [*starts, article.span[1] + 1][1:], strict=True):
        own = Report()
        own.take(report.found(), start, end - 1)
        names = [article.title, *(title.text for title in titles if start <= title.line < end)]
        yield _Print((start, max(draft.end for draft in run)), split_copies(run), names, own)


def _preface(blocks: Sequence[Block], drafts: Sequence[Draft]) -> int:
    """How much text stands before the first heading."""
    first = drafts[0].start if drafts else 0
    return sum(len(block.text) for block in takewhile(lambda block: block.line < first, blocks))


def _is_catalogue(run: Sequence[Draft]) -> bool:
    """Whether titles with duties are among the positions: one with suffix, or two that end as titles do."""
    titled = [draft for draft in run if draft.title and draft.duties]
    suffixed = any(draft.suffix and not draft.title.endswith("的") for draft in titled)
    keyed = any(key_and_content(draft.heading) for draft in titled)
    return suffixed or keyed or sum(is_position(draft.title) for draft in titled) >= 2


def _skipped(article: Article, found: Sequence[_Print]) -> Iterator[Skipped]:
    """The spans of an article that no catalogue covers."""
    if not found:
        if article.title or sum(len(block.text) for block in article.blocks) > _SHORT_PREFACE:
            yield Skipped(article.span, _NO_DUTIES)
        return
    line = article.span[0]
    for run in found:
        if run.span[0] > line:
            yield Skipped((line, run.span[0] - 1), _OTHER_MATTER)
        line = run.span[1] + 1
    if line <= article.span[1]:
        yield Skipped((line, article.span[1]), _OTHER_MATTER)


def _together(prints: Sequence[_Print]) -> list[_Print]:
    """Runs that print the same catalogue in several articles made one."""
    kept: list[_Print] = []
    for run in prints:
        same = next((other for other in kept if is_copy(other.copies[0], run.copies[0])), None)
        if same is None:
            kept.append(run)
            continue
        same.copies += run.copies
        same.titles += run.titles
        same.report.take(run.report.found(), *run.span)
    return kept


def _catalogue(run: _Print) -> Catalogue:
    merged, duplicates = repair(run.copies, run.report)
    merged = settle_nameless(merged, run.report)
    for draft in merged:
        if not draft.duties:
            run.report.add(draft.line, "empty_position", draft.heading)
    texts = (duty.text for draft in merged[:2000] for duty in draft.duties)
    return Catalogue(
        run.span,
        organisation_of(run.titles, texts),
        tuple(_categories(merged)),
        tuple(duplicates),
        run.report.found(),
    )


def _categories(drafts: Sequence[Draft]) -> Iterator[Category]:
    for name, inner in groupby(drafts, key=lambda draft: draft.category):
        yield Category(name, tuple(_departments(inner)))


def _departments(drafts: Iterator[Draft]) -> Iterator[Department]:
    for name, inner in groupby(drafts, key=lambda draft: draft.department):
        yield Department(name, tuple(draft.position() for draft in inner))

"""Reverting a revision opens the inverse change set; reverting that one restores what was."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from dutybook.access.actor import PROPOSE, Actor
from dutybook.book.changes import INVERSE_EDGE, LINK, UNLINK, Change, difference
from dutybook.db.versions import Versions
from dutybook.errors import BadInput
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, open_changeset
from dutybook.services.drafts import changeset_of, changeset_row, stage
from dutybook.services.rights import refuse_set_beyond_scope
from dutybook.services.write import chunks


def revert(session: Session, book: Book, actor: Actor, revision: int, reason: str | None = None) -> int:
    """Opens a draft that undoes exactly what a revision did, based on it, so that later edits show as conflicts."""
    undone = changeset_row(session, book, changeset_of(session, book, revision))
    proposal = Proposal(
        title=f"撤销第 {revision} 版次 / Revert revision {revision}",
        reason=reason,
        organisation=undone.organisation,
        effective_on=undone.effective_on,
        base_revision=revision,
        reverts=revision,
    )
    changeset = open_changeset(session, book, actor, proposal)
    ordinal, seen = 0, set[tuple[str, int]]()
    for chunk in chunks(session, book, undone.id):
        ordinal = stage(session, book, changeset, _inverse(session, book, chunk, revision, seen), ordinal)
    if not ordinal:
        raise NothingToRevert(revision)
    refuse_set_beyond_scope(session, book, actor, PROPOSE, changeset_row(session, book, changeset))
    return changeset


class NothingToRevert(BadInput):
    """A revision that said what held already."""

    def __init__(self, revision: int) -> None:
        zh = f"第 {revision} 版次没有改变任何内容，无可撤销；请核对版次号。"
        super().__init__(
            zh,
            f"Revision {revision} changed nothing, so there is nothing to revert; check its number.",
            path=["revision"],
        )


def _inverse(
    session: Session, book: Book, chunk: Sequence[Change], revision: int, seen: set[tuple[str, int]]
) -> Iterator[Change]:
    by_kind: Mapping[str, set[int]] = defaultdict(set)
    for change in chunk:
        if change.verb in {LINK, UNLINK}:
            yield replace(change, verb=INVERSE_EDGE[change.verb], group=0, said="revert")
        elif (change.kind, change.key) not in seen:
            seen.add((change.kind, change.key))
            by_kind[change.kind].add(change.key)
    for kind, keys in by_kind.items():
        versions = Versions(session, book.tables, kind)
        after, before = versions.timelines(keys, revision), versions.timelines(keys, revision - 1)
        for key in sorted(keys):
            yield from (c.grouped(0, "revert") for c in difference(kind, key, after[key], before[key]))

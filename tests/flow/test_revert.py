"""A revert restores exactly what was, a revert of it what was reverted; later edits are never lost by it."""

import pytest
from hypothesis import given, settings

from dutybook.services.book import Book
from dutybook.services.refusals import Conflicted, RefusedByRules
from dutybook.services.revert import NothingToRevert
from tests.flow.clerk import Clerk, undone
from tests.flow.histories import Act, Teller, histories, revisions, tell


def refuses_to_revert(clerk: Clerk, revision: int) -> None:
    with pytest.raises(NothingToRevert):
        clerk.revert(revision)


@given(histories, revisions)
@settings(max_examples=20)
def test_a_revert_restores_the_state_before_and_its_own_revert_the_state_after(
    company: Book, history: list[list[Act]], last: list[Act]
) -> None:
    with undone(company) as clerk:
        tell(clerk, history)
        before = clerk.state()
        if Teller(clerk).tell(last):
            after = clerk.state()
            if after == before:
                refuses_to_revert(clerk, clerk.head.revision)
                return
            reverting = clerk.revert(clerk.head.revision)
            assert clerk.state() == before
            clerk.revert(reverting)
            assert clerk.state() == after


@given(histories)
@settings(max_examples=12)
def test_reverting_everything_from_the_last_leads_back_through_every_state(
    company: Book, history: list[list[Act]]
) -> None:
    with undone(company) as clerk:
        states = [clerk.state()]
        states += [clerk.state() for told in history if Teller(clerk).tell(told)]
        for revision, state in reversed(list(enumerate(states[:-1], start=2))):
            if clerk.state() == state:
                refuses_to_revert(clerk, revision)
            else:
                clerk.revert(revision)
            assert clerk.state() == state


@given(histories)
@settings(max_examples=15)
def test_a_revert_in_mid_history_changes_nothing_but_what_its_revision_changed(
    company: Book, history: list[list[Act]]
) -> None:
    with undone(company) as clerk:
        tell(clerk, history)
        for revision in range(2, clerk.head.revision + 1):
            before, savepoint = clerk.state(), clerk.session.begin_nested()
            try:
                reverting = clerk.revert(revision)
            except (Conflicted, RefusedByRules, NothingToRevert):
                savepoint.rollback()
                continue
            clerk.revert(reverting)
            assert clerk.state() == before
            savepoint.rollback()

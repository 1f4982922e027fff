"""Many rows go into the plugin's own tables at the speed of the driver, and into no others."""

import pytest

from dutybook.api import insert_rows
from dutybook.lifecycle.guard import HookCall, Offence, running
from dutybook_cost.models import Line, Target, table
from tests.plugins.cost.mine import AFTER, Mine

NAMES = ("centre", "section", "month", "output_milli", "recorded_by", "recorded_at")
ROWS = [(number, 1, "2026-03", 1000, "operator", AFTER) for number in range(3)]


def test_rows_are_stored_as_they_are_given(mine: Mine) -> None:
    with mine.book.book.database.write() as session:
        insert_rows(session, table(Target), NAMES, ROWS)
    assert [(it.centre, it.recorded_at) for it in mine.book.rows(Target)] == [(number, AFTER) for number in range(3)]


def test_a_table_that_is_not_its_own_is_refused(mine: Mine) -> None:
    hook = HookCall("cost", "settle", frozenset({table(Line).name}))
    with pytest.raises(Offence, match="plg_cost_target"), mine.book.book.database.write() as session, running(hook):
        insert_rows(session, table(Target), NAMES, ROWS)
    assert mine.book.rows(Target) == []

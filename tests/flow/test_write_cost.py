"""What a change costs does not grow with the list that it joins."""

from typing import Any

import pytest
from sqlalchemy import event

from tests.flow.clerk import Clerk

SAYINGS: dict[str, dict[str, dict[str, Any]]] = {
    "a position of a department": {"openPosition": {"department": "D001", "title": "干事"}},
    "a duty of a position": {"addDuty": {"position": "P0001", "text": "整理档案"}},
    "a department of the top": {"openDepartment": {"name": "营销部"}},
}


def statements(clerk: Clerk, saying: dict[str, dict[str, Any]]) -> int:
    """How many statements it takes to publish it."""
    said: list[str] = []

    def count(*given: Any) -> None:
        said.append(given[2])

    connection = clerk.session.connection()
    event.listen(connection, "before_cursor_execute", count)
    clerk.apply(saying)
    event.remove(connection, "before_cursor_execute", count)
    return len(said)


@pytest.mark.parametrize("what", SAYINGS)
def test_a_long_list_takes_no_more_statements_than_a_short_one(clerk: Clerk, what: str) -> None:
    saying = SAYINGS[what]
    clerk.apply(saying)
    short = statements(clerk, saying)
    clerk.apply(*[saying] * 20)
    assert statements(clerk, saying) == short

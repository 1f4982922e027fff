"""Publishing adds to what the book knew, and never changes it."""

from hypothesis import given, settings

from dutybook.services.book import Book
from tests.flow.clerk import Clerk, undone
from tests.flow.histories import DAYS, Act, Teller, histories

Shown = list[list[dict[str, object]]]


def shown(clerk: Clerk, known_at: int) -> Shown:
    """All that is in force on several days, as known at a revision."""
    return [clerk.in_force(kind.name, day, known_at) for kind in clerk.book.kinds for day in DAYS]


@given(histories)
@settings(max_examples=10)
def test_later_publications_never_change_what_an_earlier_revision_shows(
    company: Book, history: list[list[Act]]
) -> None:
    with undone(company) as clerk:
        seen = [shown(clerk, 0), shown(clerk, 1)]
        seen += [shown(clerk, clerk.head.revision) for told in history if Teller(clerk).tell(told)]
        assert [shown(clerk, revision) for revision in range(clerk.head.revision + 1)] == seen

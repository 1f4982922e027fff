"""A shift's cash is reconciled once; what was wrong is corrected by another count, and stays on record."""

from datetime import timedelta

import pytest
from dutybook_toll.models import CashCount
from dutybook_toll.money import NotAnAmount, fen, yuan
from toll_station import NOON, Station, errors, message


@pytest.fixture
def over(station: Station) -> str:
    """A shift that has just ended."""
    return station.rostered(NOON - timedelta(hours=8))


@pytest.mark.parametrize(
    ("text", "amount"), [("0", 0), ("12.3", 1230), ("12.30", 1230), ("999999999999.99", 10**14 - 1)]
)
def test_amounts_are_read_to_the_fen(text: str, amount: int) -> None:
    assert fen(text, "x") == amount


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1,000", "1e3", "１２", "nan"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount, match=r"1234\.50"):
        fen(text, "x")


@pytest.mark.parametrize(("amount", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-123456, "-1234.56")])
def test_amounts_are_shown_in_yuan(amount: int, text: str) -> None:
    assert yuan(amount) == text


def test_a_difference_needs_an_explanation(station: Station, over: str) -> None:
    payload = station.count(over, "1234.50", "1230")
    assert payload["userErrors"][0]["path"] == ["explanation"]
    assert "1234.50 and 1230.00 was counted, -4.50 apart" in message(payload)
    payload = station.count(over, "1234.50", "1230", explanation="找零多付")
    assert payload["count"] == {"number": 1, "difference": "-4.50"}


def test_a_shift_is_reconciled_once_and_corrected_by_another_count(station: Station, over: str) -> None:
    station.count(over, "100", "100")
    payload = station.count(over, "100", "100")
    assert errors(payload) == ["TOLL_RECONCILED"]
    assert "corrects" in message(payload)
    assert errors(station.count(over, "100", "100", corrects=True)) == ["BAD_USER_INPUT"]
    payload = station.count(over, "100", "99", corrects=True, explanation="漏点一元")
    assert payload["count"] == {"number": 2, "difference": "-1.00"}
    assert [row.counted_fen for row in station.book.rows(CashCount)] == [10000, 9900]


def test_a_shift_that_is_still_on_is_not_reconciled(station: Station) -> None:
    assert errors(station.count(station.rostered(), "100", "100")) == ["TOLL_SHIFT_NOT_OVER"]


def test_nothing_is_corrected_before_it_was_counted(station: Station, over: str) -> None:
    assert errors(station.count(over, "1", "1", corrects=True, explanation="x")) == ["TOLL_NOT_RECONCILED"]


def test_a_shift_without_a_person_has_no_cash(station: Station) -> None:
    shift = station.rostered(NOON + timedelta(days=1))
    station.lose_first()
    station.later(days=2)
    assert errors(station.count(shift, "1", "1")) == ["TOLL_SHIFT_VACANT"]

"""The journal of a month: entries that balance, as CSV that no spreadsheet takes for formulas."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dutybook.api import name_of
from dutybook_cost.models import Charge, Settlement, Shift
from dutybook_cost.reading import Book
from dutybook_cost.rules.amounts import yuan
from dutybook_cost.rules.settlement import DAMAGE, DECISION, UNSIGNED
from dutybook_cost.services.desk import first_day

HEADINGS = ("凭证 entry", "日期 date", "科目 account", "成本中心 centre", "摘要 text", "借方 debit", "贷方 credit")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With which a cell would be taken for a formula."""

PERSONAL = (UNSIGNED, DAMAGE, DECISION)


@dataclass(frozen=True, slots=True)
class Posting:
    """A line of an entry, in fen; one of debit and credit is zero, none is negative."""

    entry: str
    day: str
    account: str
    centre: str
    text: str
    debit: int
    credit: int


def postings(session: Session, month: str) -> list[Posting]:
    """The entries of the settlements that count in a month; each balances."""
    first_day(month)
    book, found = Book(session), list[Posting]()
    personal = _sums(session, month, Charge.reason.in_(PERSONAL))
    paid = _sums(session, month, Charge.reason.not_in(PERSONAL) & Charge.employee.is_not(None))
    query = select(Settlement, Shift.label).join(Shift, Shift.id == Settlement.shift)
    query = query.where(Settlement.month == month, Settlement.current).order_by(Settlement.day, Settlement.id)
    for it, label in session.execute(query):
        on = book.on(it.day)
        stock, cost, wage = (on.setting(it.centre, f"{name}_account") for name in ("stock", "cost", "wage"))
        about = (f"C-{it.id}", it.day.isoformat(), name_of(session, "cost_centre", it.centre).zh, label)
        found += _entry(about, cost, stock, it.actual_fen, "消耗 consumption")
        found += _entry(about, wage, stock, -personal.get(it.id, 0), "个人承担 borne by persons")
        found += _entry(about, cost, wage, paid.get(it.id, 0), "节支兑现 savings paid")
    return found


def as_csv(rows: Sequence[Posting]) -> str:
    """The journal as CSV, with a byte-order mark so that spreadsheets read Chinese."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for it in rows:
        money = (yuan(it.debit) if it.debit else "", yuan(it.credit) if it.credit else "")
        writer.writerow([harmless(cell) for cell in (it.entry, it.day, it.account, it.centre, it.text, *money)])
    return "\ufeff" + out.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def _entry(about: tuple[str, str, str, str], debit: str, credit: str, amount: int, text: str) -> Iterator[Posting]:
    """Both sides of an amount in fen; a negative one has its sides changed."""
    if not amount:
        return
    entry, day, centre, label = about
    left, right = (debit, credit) if amount > 0 else (credit, debit)
    yield Posting(entry, day, left, centre, f"{label} {text}", abs(amount), 0)
    yield Posting(entry, day, right, centre, f"{label} {text}", 0, abs(amount))


def _sums(session: Session, month: str, which: Any) -> dict[int, int]:
    query = select(Charge.settlement, func.sum(Charge.amount_fen)).where(Charge.month == month, which)
    return {settlement: int(total) for settlement, total in session.execute(query.group_by(Charge.settlement))}

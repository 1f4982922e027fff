"""Pay items: what costs give to wages, each with the document that it comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dutybook.api import hookimpl, hookspec
from dutybook_cost.models import Award, Charge, Settlement, Shift
from dutybook_cost.services.desk import first_day


@dataclass(frozen=True, slots=True)
class PayItem:
    """Money for an employee in a month, in fen, negative where it is taken; whoever pays holds it to article 16.

    `source` names the document, `kind` and `number` lead to it.
    """

    month: str
    employee: int
    position: int | None
    code: str
    amount_fen: int
    source: str
    kind: str
    number: int


class PayItemHooks:
    """The hook by which anybody gives pay items; whoever wants them says `call(session, "contribute_pay_items", month=…)`."""

    @hookspec
    def contribute_pay_items(self, session: Session, month: str) -> Sequence[object]:  # type: ignore[empty-body]
        """Give the pay items of a month, each with the attributes of `PayItem`; only read."""


@hookimpl
def contribute_hookspecs() -> type:
    """The hook for pay items."""
    return PayItemHooks


@hookimpl(optionalhook=True)
def contribute_pay_items(session: Session, month: str) -> Sequence[PayItem]:
    """Rewards and charges of settlements, and recorded rewards and penalties."""
    first_day(month)
    return [*_settled(session, month), *_awarded(session, month)]


def _settled(session: Session, month: str) -> Iterator[PayItem]:
    by = (
        Charge.settlement,
        Settlement.number,
        Settlement.day,
        Shift.label,
        Charge.employee,
        Charge.position,
        Charge.reason,
    )
    query = select(*by, func.sum(Charge.amount_fen).label("amount")).join(
        Settlement, Settlement.id == Charge.settlement
    )
    query = query.join(Shift, Shift.id == Settlement.shift)
    query = query.where(Settlement.month == month, Settlement.current, Charge.employee.is_not(None)).group_by(*by)
    for row in session.execute(query.order_by(Charge.settlement, Charge.employee, Charge.reason)):
        if row.amount:
            source = f"cost settlement #{row.settlement} ({row.day} {row.label}, no. {row.number})"
            about = (month, row.employee, row.position, f"COST_{row.reason}", int(row.amount))
            yield PayItem(*about, source, "CostSettlement", row.settlement)


def _awarded(session: Session, month: str) -> Iterator[PayItem]:
    for it in session.scalars(select(Award).where(Award.month == month).order_by(Award.id)):
        code = "COST_PENALTY" if it.amount_fen < 0 else "COST_REWARD"
        about = (month, it.employee, it.position, code, it.amount_fen)
        yield PayItem(*about, f"cost award #{it.id} ({it.day}: {it.reason})", "CostAward", it.id)

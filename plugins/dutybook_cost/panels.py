"""Parts of pages: a table of what was planned and spent, and the trend of half a year."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from dutybook.api import Message, NavItem, Panel, PanelRequest, hookimpl, name_of, records
from dutybook_cost.models import Charge, Settlement
from dutybook_cost.rules.amounts import yuan
from dutybook_cost.services.desk import READ, month_of

TITLE = Message("材料成本", "Material costs")
TREND = Message("材料成本走势", "Trend of material costs")
HEADINGS = (
    Message("月份", "Month"),
    Message("预算", "Budget"),
    Message("成本", "Cost"),
    Message("差异", "Variance"),
)
BEARER = Message("部门", "Department")
NONE = Message("尚无结算。", "Nothing is settled yet.")
MONTHS, WIDTH, HEIGHT = 6, 240, 60

Sums = dict[str, tuple[int, int]]
"""Budget and cost in fen by month."""


def draw_position(session: Session, request: PanelRequest) -> str:
    """The table of a position."""
    return _table(_sums(session, request, Charge.position == request.key), request)


def draw_department(session: Session, request: PanelRequest) -> str:
    """The table of a department with all below it."""
    return _table(_sums(session, request, Charge.department.in_(_below(session, request))), request)


def draw_trend(session: Session, request: PanelRequest) -> str:
    """The trend of a department with all below it."""
    sums = _sums(session, request, Charge.department.in_(_below(session, request)))
    return _trend(sums, request)


def draw_home(session: Session, request: PanelRequest) -> str:
    """The month's table of all departments that the reader may see."""
    may_see = true() if request.departments is None else Charge.department.in_(request.departments)
    month = session.scalar(select(func.max(Settlement.month)).where(Settlement.current))
    if month is None:
        return _nothing(request)
    query = select(Charge.department, func.sum(Charge.plan_fen), func.sum(Charge.cost_fen)).where(may_see)
    query = _current(query, (month,)).group_by(Charge.department).order_by(Charge.department)
    rows = [
        (name_of(session, "department", key).pick(request.language), int(plan), int(cost))
        for key, plan, cost in session.execute(query)
    ]
    return _grid([BEARER, *HEADINGS[1:]], rows, request)


PANELS = (
    Panel("position", TITLE, "position", READ, draw_position),
    Panel("department", TITLE, "department", READ, draw_department),
    Panel("trend", TREND, "department", READ, draw_trend),
    Panel("home", TITLE, "home", READ, draw_home),
    NavItem(Message("成本核算", "Costs"), "/x/cost/panels/home", READ),
)


@hookimpl
def contribute_panels() -> Sequence[Panel | NavItem]:
    """The panels, and the way to the one at home."""
    return PANELS


def _sums(session: Session, request: PanelRequest, whose: ColumnElement[bool]) -> Sums:
    months = _months(request.as_of)
    query = select(Charge.month, func.sum(Charge.plan_fen), func.sum(Charge.cost_fen)).where(whose)
    query = _current(query, months).group_by(Charge.month)
    found = {month: (int(plan), int(cost)) for month, plan, cost in session.execute(query)}
    return {month: found[month] for month in months if month in found}


def _current(query: Select[*tuple[Any, ...]], months: Sequence[str]) -> Select[*tuple[Any, ...]]:
    current = select(Settlement.id).where(Settlement.month.in_(months), Settlement.current)
    return query.where(Charge.month.in_(months), Charge.settlement.in_(current))


def _months(day: date) -> tuple[str, ...]:
    last = day.year * 12 + day.month - 1
    return tuple(month_of(date(at // 12, at % 12 + 1, 1)) for at in range(last - MONTHS + 1, last + 1))


def _below(session: Session, request: PanelRequest) -> list[int]:
    """The department with all below it."""
    rows = records(session, "department", request.as_of)
    children: dict[int | None, list[int]] = {}
    for key, parent in session.execute(select(rows.c.key, rows.c.parent)):
        children.setdefault(parent, []).append(key)
    found = [request.key or 0]
    for key in found:  # it grows while it is walked
        found += children.get(key, ())
    return found


def _table(sums: Sums, request: PanelRequest) -> str:
    return _grid(HEADINGS, [(month, *pair) for month, pair in sums.items()], request)


def _grid(headings: Sequence[Message], rows: Sequence[tuple[str, int, int]], request: PanelRequest) -> str:
    if not rows:
        return _nothing(request)
    head = Markup("").join(Markup("<th>{}</th>").format(it.pick(request.language)) for it in headings)
    body = Markup("").join(
        Markup("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
            name, yuan(plan), yuan(cost), yuan(plan - cost)
        )
        for name, plan, cost in rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


def _trend(sums: Sums, request: PanelRequest) -> str:
    """Bars of cost beside a line of budget; the figures are told as text as well."""
    if not sums:
        return _nothing(request)
    most = max(1, *(max(abs(plan), abs(cost)) for plan, cost in sums.values()))
    step = WIDTH // MONTHS
    bars = Markup("").join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}"><title>{} {}</title></rect>').format(
            at * step, HEIGHT - _height(cost, most), step - 4, _height(cost, most), month, yuan(cost)
        )
        for at, (month, (_, cost)) in enumerate(sums.items())
    )
    points = " ".join(
        f"{at * step + step // 2},{HEIGHT - _height(plan, most)}" for at, (plan, _) in enumerate(sums.values())
    )
    label = "; ".join(f"{month} {yuan(cost)} / {yuan(plan)}" for month, (plan, cost) in sums.items())
    return Markup(
        '<svg role="img" aria-label="{}" viewBox="0 0 {} {}" fill="currentColor">{}'
        '<polyline points="{}" fill="none" stroke="currentColor"/></svg>'
    ).format(label, WIDTH, HEIGHT, bars, points)


def _height(amount: int, most: int) -> int:
    return max(0, amount) * HEIGHT // most


def _nothing(request: PanelRequest) -> str:
    return Markup("<p>{}</p>").format(NONE.pick(request.language))

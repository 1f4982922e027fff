"""Parts of pages: today's shifts and what came up in them, of a position or of all stations."""

from collections.abc import Sequence
from datetime import date, datetime

from markupsafe import Markup
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from dutybook.api import Message, NavItem, Panel, PanelRequest, hookimpl, records, zone
from dutybook_toll.kinds import SPECIALS
from dutybook_toll.models import Shift, SpecialEvent, Vacancy

READ = "toll.read"
TITLE = Message("今日班次与特情", "Today's shifts and special events")
HEADINGS = (
    Message("时间", "Hours"),
    Message("车道", "Lane"),
    Message("当班人", "On duty"),
    Message("特情", "Special events"),
)
NONE = Message("今日没有排班。", "No shifts today.")
VACANT = Message("待补", "nobody")
TO_REPORT = Message("待报", "to be reported")

MOST = 200
"""How many shifts one panel shows."""


def draw_position(session: Session, request: PanelRequest) -> str:
    """The shifts of a position."""
    return _drawn(session, request, Shift.position == request.key)


def draw_home(session: Session, request: PanelRequest) -> str:
    """The shifts of all stations that the reader may see."""
    may_see = true() if request.departments is None else Shift.department.in_(request.departments)
    return _drawn(session, request, may_see)


PANELS = (
    Panel("position", TITLE, "position", READ, draw_position),
    Panel("today", TITLE, "home", READ, draw_home),
    NavItem(Message("收费站", "Toll stations"), "/x/toll/panels/today", READ),
)


@hookimpl
def contribute_panels() -> Sequence[Panel | NavItem]:
    """The panels, and the way to the one at home."""
    return PANELS


def _drawn(session: Session, request: PanelRequest, wanted: ColumnElement[bool]) -> str:
    today = select(Shift).where(Shift.day == request.as_of, wanted).order_by(Shift.begins_at, Shift.id)
    shifts = list(session.scalars(today.limit(MOST)))
    if not shifts:
        return Markup("<p>{}</p>").format(NONE.pick(request.language))
    head = Markup("").join(Markup("<th>{}</th>").format(it.pick(request.language)) for it in HEADINGS)
    events, lanes, people = _events(session, shifts), _lanes(session, request.as_of), _people(session, shifts, request)
    body = Markup("").join(
        _row(session, request, shift, (lanes.get(shift.lane, ""), people[shift.id]), events[shift.id])
        for shift in shifts
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


def _events(session: Session, shifts: Sequence[Shift]) -> dict[int, list[SpecialEvent]]:
    found: dict[int, list[SpecialEvent]] = {shift.id: [] for shift in shifts}
    theirs = select(SpecialEvent).where(SpecialEvent.shift.in_(found))
    for event in session.scalars(theirs.order_by(SpecialEvent.happened_at, SpecialEvent.id)):
        found[event.shift].append(event)
    return found


def _lanes(session: Session, day: date) -> dict[int, str]:
    rows = records(session, "toll_lane", day)
    return {key: f"{code} {name}" for key, code, name in session.execute(select(rows.c.key, rows.c.code, rows.c.name))}


def _people(session: Session, shifts: Sequence[Shift], request: PanelRequest) -> dict[int, str]:
    """Who sits in each shift, by number: names are personal, and not for everybody who may see the shifts."""
    rows = records(session, "employee", request.as_of)
    theirs = select(rows.c.key, rows.c.code).where(rows.c.key.in_({shift.employee for shift in shifts}))
    numbers = {key: str(code) for key, code in session.execute(theirs)}
    vacant = set(session.scalars(select(Vacancy.shift).where(Vacancy.shift.in_([shift.id for shift in shifts]))))
    nobody = VACANT.pick(request.language)
    return {it.id: nobody if it.id in vacant else numbers.get(it.employee, nobody) for it in shifts}


def _row(
    session: Session, request: PanelRequest, shift: Shift, names: tuple[str, str], events: Sequence[SpecialEvent]
) -> Markup:
    hours = f"{_clock(session, shift.begins_at)}–{_clock(session, shift.ends_at)}"
    told = Markup("<br>").join(_told(session, request, event) for event in events)
    cells = Markup("").join(Markup("<td>{}</td>").format(cell) for cell in (hours, *names, told))
    return Markup("<tr>{}</tr>").format(cells)


def _told(session: Session, request: PanelRequest, event: SpecialEvent) -> str:
    text = f"{_clock(session, event.happened_at)} {SPECIALS[event.special].pick(request.language)}"
    text = f"{text} {event.vehicle}" if event.vehicle else text
    late = event.due_at is not None and event.reported_at is None
    return f"{text} ({TO_REPORT.pick(request.language)})" if late else text


def _clock(session: Session, moment: datetime) -> str:
    return f"{moment.astimezone(zone(session)):%H:%M}"

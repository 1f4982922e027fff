"""Parts of pages: today's shifts and what came up in them, of a position or of all stations."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from dutybook.api import Message, NavItem, Panel, PanelRequest, hookimpl, name_of, zone
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
    shifts = list(session.scalars(today))
    if not shifts:
        return Markup("<p>{}</p>").format(NONE.pick(request.language))
    head = Markup("").join(Markup("<th>{}</th>").format(it.pick(request.language)) for it in HEADINGS)
    events = _events(session, shifts)
    vacant = set(session.scalars(select(Vacancy.shift).where(Vacancy.shift.in_([shift.id for shift in shifts]))))
    rows = [_row(session, request, shift, events[shift.id], vacant) for shift in shifts]
    body = Markup("").join(rows)
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


def _events(session: Session, shifts: Sequence[Shift]) -> dict[int, list[SpecialEvent]]:
    found: dict[int, list[SpecialEvent]] = {shift.id: [] for shift in shifts}
    theirs = select(SpecialEvent).where(SpecialEvent.shift.in_(found))
    for event in session.scalars(theirs.order_by(SpecialEvent.happened_at, SpecialEvent.id)):
        found[event.shift].append(event)
    return found


def _row(
    session: Session, request: PanelRequest, shift: Shift, events: Sequence[SpecialEvent], vacant: set[int]
) -> Markup:
    hours = f"{_clock(session, shift.begins_at)}–{_clock(session, shift.ends_at)}"
    who = VACANT.pick(request.language) if shift.id in vacant else name_of(session, "employee", shift.employee)
    told = Markup("<br>").join(_told(session, request, event) for event in events)
    cells = (hours, name_of(session, "toll_lane", shift.lane), who, told)
    return Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in cells))


def _told(session: Session, request: PanelRequest, event: SpecialEvent) -> str:
    text = f"{_clock(session, event.happened_at)} {SPECIALS[event.special].pick(request.language)}"
    text = f"{text} {event.vehicle}" if event.vehicle else text
    late = event.due_at is not None and event.reported_at is None
    return f"{text} ({TO_REPORT.pick(request.language)})" if late else text


def _clock(session: Session, moment: datetime) -> str:
    return f"{moment.astimezone(zone(session)):%H:%M}"

"""What a publication overtakes: a price, quota, share, centre or setting that is changed backwards marks what rests on it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dutybook.api import FOREVER, Event, hookimpl, name_of, records
from dutybook_cost.models import Hazard, Member, Part, Settlement, Slip
from dutybook_cost.services.settling import mark

KINDS = ("cost_centre", "cost_material", "cost_quota", "cost_share", "cost_policy")
UNTOUCHED = {"name", "stock_account", "cost_account", "wage_account", "unit"}
"""Fields that no figure rests on."""


@hookimpl
def derive(session: Session, events: Sequence[Event], dry_run: bool) -> None:  # noqa: ARG001
    """Marks, in the publishing transaction, exactly the settlements that a change touches."""
    for event in events:
        if _matters(event):
            mark(session, _subject(session, event), *_days(event), *_which(session, event))


def _matters(event: Event) -> bool:
    values: Mapping[str, Any] = event.payload.get("values") or {}  # type: ignore[assignment]
    if event.aggregate == "position":
        return event.payload.get("verb") == "set" and "department" in values
    return event.aggregate in KINDS and (event.payload.get("verb") != "set" or bool(set(values) - UNTOUCHED))


def _subject(session: Session, event: Event) -> str:
    name, verb = name_of(session, event.aggregate, event.key), event.type.rpartition(".")[2]
    return f"{name.zh}（第 {event.revision} 版次） / {name.en} {verb} (revision {event.revision})"


def _days(event: Event) -> Sequence[Any]:
    first = event.payload.get("from") or event.effective_on
    last = event.payload.get("to") or FOREVER
    return (Settlement.day >= _day(first), Settlement.day < _day(last))


def _day(told: Any) -> date:
    return told if isinstance(told, date) else date.fromisoformat(str(told))


def _which(session: Session, event: Event) -> Sequence[Any]:
    """The settlements that a record bears upon; all of the days where it is a setting."""
    match event.aggregate:
        case "position":
            return (Settlement.shift.in_(select(Member.shift).where(Member.position == event.key)),)
        case "cost_centre":
            return (Settlement.centre == event.key,)
        case "cost_material":
            used = [Settlement.shift.in_(select(it.shift).where(it.material == event.key)) for it in (Slip, Hazard)]
            return (or_(*used, _of_parts({event.key})),)
        case "cost_share":
            return (_of_parts(_told(session, event, "material")),)
        case "cost_quota":
            centres = _told(session, event, "centre")
            return () if None in centres or not centres else (Settlement.centre.in_(centres),)
        case _:
            return ()


def _of_parts(materials: set[int | None]) -> Any:
    parts = Part.material.in_([it for it in materials if it is not None])
    return or_(
        Settlement.shift.in_(select(Part.shift).where(parts)), Settlement.shift.in_(select(Part.due_shift).where(parts))
    )


def _told(session: Session, event: Event, name: str) -> set[int | None]:
    """What a field of a record said before the change and says since, on the first day of it."""
    day = _day(event.payload.get("from") or event.effective_on)
    found: set[int | None] = set()
    for known_at in (None, (event.revision or 1) - 1):
        rows = records(session, event.aggregate, day, known_at)
        found |= set(session.scalars(select(rows.c[name]).where(rows.c.key == event.key)))
    return found

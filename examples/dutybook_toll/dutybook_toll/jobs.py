"""Each night: what should have been reported long ago is brought before those who answer for it."""

from datetime import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.api import Job, now
from dutybook_toll.models import SpecialEvent
from dutybook_toll.reads import unreported
from dutybook_toll.specials import tell


def escalate(session: Session) -> None:
    """Marks every event that is overdue unreported, once, and tells the log of it."""
    overdue = select(SpecialEvent).where(unreported(), SpecialEvent.due_at < now(session))
    for event in session.scalars(overdue.where(SpecialEvent.escalated_at.is_(None)).order_by(SpecialEvent.id)):
        event.escalated_at = now(session)
        tell(session, "escalated", event)


JOBS = (Job("escalate", escalate, at=time(3)),)

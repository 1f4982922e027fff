"""Cash: what the system reckons a shift to have taken, beside what was counted."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.api import (
    Actor,
    BadInput,
    EventType,
    Message,
    Refused,
    closed_months,
    emit,
    note_correction,
    now,
    require,
)
from dutybook_toll.models import CashCount, Shift, Vacancy
from dutybook_toll.money import yuan
from dutybook_toll.reads import shown_shift
from dutybook_toll.roster import shift_of

RECONCILE = "toll.reconcile"


@dataclass(frozen=True, slots=True)
class CashTold:
    """What the log says of a count: of which shift, the how-manieth, and the difference in fen."""

    shift: int
    number: int
    difference_fen: int


EVENTS = (EventType("toll.cash.reconciled", CashTold),)


@dataclass(frozen=True, slots=True)
class Counted:
    """A count as it is handed in, in fen; `corrects` says that the newest count was wrong."""

    shift: int
    system_fen: int
    counted_fen: int
    explanation: str | None = None
    corrects: bool = False


class Unexplained(BadInput):
    """A difference, or a correction, without a word about it."""

    def __init__(self, counted: Counted) -> None:
        difference = yuan(counted.counted_fen - counted.system_fen)
        zh = f"系统金额 {yuan(counted.system_fen)} 元与实点金额 {yuan(counted.counted_fen)} 元相差 {difference} 元；"
        en = f"The system says {yuan(counted.system_fen)} and {yuan(counted.counted_fen)} was counted, {difference} apart; "
        way = ("请在 explanation 中说明差额或更正的原因。", "say why, or why it is corrected, in explanation.")
        super().__init__(zh + way[0], en + way[1], path=["explanation"])


class NotOver(Refused):
    """A shift that is still on."""

    code = "TOLL_SHIFT_NOT_OVER"

    def __init__(self, shift: Message) -> None:
        zh = f"班次 {shift.zh} 尚未结束，不能核对票款；请在交班后核对。"
        super().__init__(zh, f"The shift {shift.en} is not over; reconcile after the handover.", path=["shift"])


class NobodyThere(Refused):
    """A shift that has lost its person takes no money."""

    code = "TOLL_SHIFT_VACANT"

    def __init__(self, shift: Message) -> None:
        zh = f"班次 {shift.zh} 无人当班；请核对顶替它的班次。"
        super().__init__(
            zh, f"Nobody worked the shift {shift.en}; reconcile the one that took it over.", path=["shift"]
        )


class CountedBefore(Refused):
    """A second count that does not say that it corrects the first."""

    code = "TOLL_RECONCILED"

    def __init__(self, shift: Message, before: CashCount) -> None:
        told = f"{yuan(before.counted_fen)} / {yuan(before.system_fen)}, {before.counted_by}"
        zh = f"班次 {shift.zh} 的票款已核对（{told}）；如需更正，请以 corrects: true 另记一笔并说明原因。"
        en = f"The shift {shift.en} is reconciled ({told}); to correct it, record another count with corrects: true and the reason."
        super().__init__(zh, en, path=["shift"])


class NothingToCorrect(Refused):
    """A correction of a count that is not there."""

    code = "TOLL_NOT_RECONCILED"

    def __init__(self, shift: Message) -> None:
        zh = f"班次 {shift.zh} 的票款尚未核对，无可更正；请去掉 corrects。"
        super().__init__(zh, f"The shift {shift.en} was never reconciled; leave `corrects` out.", path=["corrects"])


def reconcile(session: Session, actor: Actor, counted: Counted) -> int:
    """Records a count of a shift's cash, once; later ones correct it and leave it on record. Gives the count's number."""
    shift = shift_of(session, counted.shift)
    require(session, actor, RECONCILE, "department", shift.department)
    _refuse_unready(session, shift)
    before = _newest(session, shift)
    _refuse_unfit(session, shift, before, counted)
    count = CashCount(
        shift=shift.id,
        number=before.number + 1 if before else 1,
        system_fen=counted.system_fen,
        counted_fen=counted.counted_fen,
        explanation=counted.explanation,
        counted_by=actor.name,
        counted_at=now(session),
    )
    session.add(count)
    session.flush()
    _carry(session, shift, count)
    told = CashTold(shift.id, count.number, count.counted_fen - count.system_fen)
    emit(session, "toll.cash.reconciled", shift.id, told, shift.day)
    return count.id


def _refuse_unready(session: Session, shift: Shift) -> None:
    if session.get(Vacancy, shift.id) is not None:
        raise NobodyThere(shown_shift(session, shift))
    if now(session) < shift.ends_at:
        raise NotOver(shown_shift(session, shift))


def _newest(session: Session, shift: Shift) -> CashCount | None:
    counts = select(CashCount).where(CashCount.shift == shift.id).order_by(CashCount.number.desc())
    return session.scalars(counts.limit(1)).first()


def _refuse_unfit(session: Session, shift: Shift, before: CashCount | None, counted: Counted) -> None:
    if before is not None and not counted.corrects:
        raise CountedBefore(shown_shift(session, shift), before)
    if before is None and counted.corrects:
        raise NothingToCorrect(shown_shift(session, shift))
    apart = counted.counted_fen != counted.system_fen
    if (apart or counted.corrects) and not counted.explanation:
        raise Unexplained(counted)


def _carry(session: Session, shift: Shift, count: CashCount) -> None:
    """A count that comes after its month was closed is that month's correction: the books take it as a delta."""
    month = f"{shift.day:%Y-%m}"
    if month in closed_months(session):
        subject = (
            f"toll cash of shift #{shift.id}, count {count.number} / 班次 #{shift.id} 票款第 {count.number} 次核对"
        )
        note_correction(session, month, "toll", subject, shift.day)

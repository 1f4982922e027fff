"""What costs have against a change of the book, or against closing a month."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dutybook.api import KindChange, Message, Objection, PeriodView, hookimpl, name_of, records
from dutybook_cost.kinds import KINDS, SHARE
from dutybook_cost.reading import decoded
from dutybook_cost.services.settling import waiting

NAMED = 20
HUNDRED = Decimal(100)
KIND = {kind.name: kind for kind in KINDS}


@hookimpl
def check_period_close(session: Session, period: PeriodView, dry_run: bool) -> Iterable[Objection]:  # noqa: ARG001
    """A month is not closed while shifts are unsettled: they are named."""
    found = waiting(session, period.month)
    if not found:
        return
    shown = [(name_of(session, "cost_centre", it.centre), f"{it.day} {it.label}") for it in found[:NAMED]]
    more = f" … ({len(found)})" if len(found) > NAMED else ""
    zh, en = ("; ".join(f"{name.pick(language)} {told}" for name, told in shown) + more for language in ("zh", "en"))
    zh = f"{period.month} 有 {len(found)} 个班次未结算：{zh}；请先运行 dutybook cost settle {period.month}"
    en = f"{len(found)} shifts of {period.month} are not settled: {en}; run dutybook cost settle {period.month} first"
    yield Objection("COST_UNSETTLED", Message(zh, en), ("month",))


@hookimpl
def check_kind(session: Session, changes: Sequence[KindChange], dry_run: bool) -> Iterable[Objection]:  # noqa: ARG001
    """Shares make a hundred per cent, no price is negative, and nothing is said twice."""
    for change in changes:
        if change.after is not None:
            yield from _out_of_range(change)
            yield from _twice(session, change)
    yield from _not_whole(session, [it for it in changes if it.kind == "cost_share"])


BOUNDS: dict[str, dict[str, Decimal | None]] = {
    "cost_material": {"price": None},
    "cost_quota": {"rate": None, "reserve": HUNDRED, "production": HUNDRED, "electromech": HUNDRED},
    "cost_share": {"percent": HUNDRED},
    "cost_duty_weight": {"percent": HUNDRED},
    "cost_policy": {"reward_rate": Decimal(1)},
}
"""The most that a number may be; none is below zero."""


def _out_of_range(change: KindChange) -> Iterator[Objection]:
    values = change.after or {}
    for name, most in BOUNDS.get(change.kind, {}).items():
        if (told := values.get(name)) is None:
            continue
        if (number := Decimal(str(told))) < 0 or (most is not None and number > most):
            high = "" if most is None else f"，不大于 {most}"
            above = "" if most is None else f", at most {most}"
            label = KIND[change.kind].by_name[name].label
            said = Message(f"{label.zh}的值 {told} 应不小于 0{high}", f"{label.en}: {told} must be at least 0{above}")
            yield Objection("COST_OUT_OF_RANGE", said, (change.kind, str(change.key), name))
    shares = [Decimal(str(values[name])) for name in ("production", "electromech") if values.get(name) is not None]
    if change.kind == "cost_quota" and sum(shares, Decimal()) > HUNDRED:
        said = Message("各班组份额合计超过 100%", "the shares of the teams make more than 100 %")
        yield Objection("COST_OUT_OF_RANGE", said, (change.kind, str(change.key), "production"))


def _twice(session: Session, change: KindChange) -> Iterator[Objection]:
    """One quota for a material and centre, one setting for an organisation, one weight for a duty."""
    same = {"cost_quota": ("material", "centre"), "cost_duty_weight": ("duty",), "cost_policy": ("organisation",)}
    if change.kind not in same:
        return
    rows = records(session, change.kind, change.effective_on)
    own = session.execute(select(rows).where(rows.c.key == change.key)).first()
    if own is None:
        return
    alike = [rows.c[name].is_not_distinct_from(getattr(own, name)) for name in same[change.kind]]
    if session.scalar(select(func.count()).select_from(rows).where(*alike)) != 1:
        shown = name_of(session, change.kind, change.key)
        said = Message(
            f"{shown.zh} 与已有的记录重复；请更改已有的",
            f"{shown.en} says again what another one says; change that one",
        )
        yield Objection("COST_SAID_TWICE", said, (change.kind, str(change.key)))


def _not_whole(session: Session, changes: Sequence[KindChange]) -> Iterator[Objection]:
    seen: set[tuple[int, date]] = set()
    for change in changes:
        material = (change.after or change.before or {}).get("material")
        if not isinstance(material, int) or (material, change.effective_on) in seen:
            continue
        seen.add((material, change.effective_on))
        rows = records(session, "cost_share", change.effective_on)
        percents = session.scalars(select(rows.c.percent).where(rows.c.material == material))
        total = sum((decoded(SHARE, "percent", it) for it in percents), Decimal())
        if total not in {Decimal(), HUNDRED}:
            shown = name_of(session, "cost_material", material)
            zh = f"{shown.zh} 的联责比例自 {change.effective_on} 起合计 {total}%，应为 100%；请在同一变更单中调整各岗位"
            en = f"The liability shares of {shown.en} make {total} % from {change.effective_on} on, not 100; adjust them in one set"
            yield Objection("COST_SHARES_NOT_WHOLE", Message(zh, en), ("cost_share", str(change.key), "percent"))

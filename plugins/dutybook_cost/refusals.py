"""What costs refuse, each with the wrong value, its place and the way out."""

from collections.abc import Sequence
from datetime import date

from dutybook.api import BadInput, Message, NotFound, Refused
from dutybook_cost.kinds import POLICY

MAY_SET = (
    "由 editor 起草、publisher 发布变更单（setCostPolicy / openCostPolicy）",
    "an editor drafts and a publisher publishes a change set (setCostPolicy, openCostPolicy)",
)


class MissingSetting(Refused):
    """A setting that the source leaves open and nobody has given."""

    code = "COST_MISSING_SETTING"

    def __init__(self, name: str, day: date) -> None:
        label = POLICY.by_name[name].label
        zh = f"{day} 没有成本核算设置「{label.zh}」（{name}），它没有默认值；{MAY_SET[0]}后再试。"
        super().__init__(
            zh, f"The cost policy {name} is not set on {day} and has no default; {MAY_SET[1]}.", path=[name]
        )
        self.name = name


class PriceGap(Refused):
    """A material without a price on a day."""

    code = "COST_PRICE_GAP"

    def __init__(self, material: Message, day: date) -> None:
        zh = f"{material.zh} 在 {day} 没有单价；请由 publisher 以变更单（setCostMaterial）补上该日起的单价。"
        en = f"{material.en} has no price on {day}; a publisher gives one from that day on by a change set (setCostMaterial)."
        super().__init__(zh, en, path=["material"])


class MissingQuota(Refused):
    """A material that has no quota for a centre on a day."""

    code = "COST_MISSING_QUOTA"

    def __init__(self, material: Message, centre: Message, day: date) -> None:
        zh = f"{material.zh} 在 {day} 对 {centre.zh} 没有定额；请由 publisher 以变更单（openCostQuota）设定。"
        en = f"{material.en} has no quota for {centre.en} on {day}; a publisher sets one by a change set (openCostQuota)."
        super().__init__(zh, en, path=["material"])


class MissingShares(Refused):
    """A common part whose liability is not shared out to a hundred per cent."""

    code = "COST_MISSING_SHARES"

    def __init__(self, material: Message, total: object, day: date) -> None:
        zh = (
            f"{material.zh} 在 {day} 的联责比例合计 {total}%，应为 100%；请由 publisher 以变更单（openCostShare）设定。"
        )
        en = f"The liability shares of {material.en} make {total} % on {day}, not 100; a publisher sets them (openCostShare)."
        super().__init__(zh, en, path=["material"])


class MissingPoints(Refused):
    """A user of a material who has no points in the shift."""

    code = "COST_MISSING_POINTS"

    def __init__(self, employee: Message, shift: Message) -> None:
        zh = f"{employee.zh} 领用了材料，却不在班次 {shift.zh} 的出勤中；请先记录其岗位和吃分（recordCostMember）。"
        en = f"{employee.en} used material but is not in the crew of {shift.en}; record position and points first (recordCostMember)."
        super().__init__(zh, en, path=["users"])


class MissingTarget(Refused):
    """A month without a planned output, by which quotas are to be adjusted."""

    code = "COST_MISSING_TARGET"

    def __init__(self, section: Message, month: str) -> None:
        zh = f"{section.zh} 在 {month} 没有计划产量，无法调整定额；请由有 cost.record 权限者记录（recordCostTarget）。"
        en = f"{section.en} has no planned output in {month}, by which quotas are adjusted; record it (recordCostTarget, cost.record)."
        super().__init__(zh, en, path=["month"])


class ClosedMonth(Refused):
    """A fact of a month that is closed, without a word about why it comes late."""

    code = "COST_CLOSED_MONTH"

    def __init__(self, month: str) -> None:
        zh = f"核算期 {month} 已关闭；若确为迟到的单据，请以 lateReason 说明原因，它将作为差额计入开启的月份。"
        en = f"The period {month} is closed; a late document says why in lateReason, and becomes a delta in an open month."
        super().__init__(zh, en, path=["day"])


class NotOpened(Refused):
    """A month that nobody has opened."""

    code = "COST_NOT_OPENED"

    def __init__(self, month: str) -> None:
        zh = f"核算期 {month} 尚未开启；请先开启：dutybook period open {month}。"
        super().__init__(
            zh, f"The period {month} was never opened; open it first: dutybook period open {month}.", path=["day"]
        )


class NotAMonth(BadInput):
    """A text that is no month."""

    def __init__(self, text: str) -> None:
        zh = f"「{text[:40]}」不是月份；请写成 2026-03 的形式。"
        super().__init__(zh, f"'{text[:40]}' is no month; write it like 2026-03.", path=["month"])


class NotThere(NotFound):
    """A document that is not there."""

    def __init__(self, what: tuple[str, str], shown: object, place: str) -> None:
        zh = f"没有{what[0]}「{shown}」；请先记录，或核对编号。"
        super().__init__(zh, f"There is no {what[1]} '{shown}'; record it first, or check the number.", path=[place])


class NotInForce(Refused):
    """A record of the book that is not in force on the day of a document."""

    code = "COST_NOT_IN_FORCE"

    def __init__(self, shown: Message, day: date, place: str) -> None:
        zh = f"{shown.zh} 在 {day} 无效；请另选，或核对日期。"
        super().__init__(zh, f"{shown.en} is not in force on {day}; take another, or check the day.", path=[place])


class Twice(Refused):
    """A document whose number or place is taken."""

    code = "COST_RECORDED_BEFORE"

    def __init__(self, shown: Message, place: str) -> None:
        zh = f"{shown.zh} 已经记录过；每份单据只记一次，更正请另开单据。"
        en = f"{shown.en} is recorded already; each is recorded once, correct it by another document."
        super().__init__(zh, en, path=[place])


class WrongWord(BadInput):
    """A word that is none of those which are known."""

    def __init__(self, word: str, known: Sequence[str], place: str) -> None:
        listed = ", ".join(known)
        zh = f"{place}「{word[:40]}」无法识别；只能取 {listed}。"
        super().__init__(zh, f"{place}: '{word[:40]}' is not known; one of {listed} is expected.", path=[place])


class Unsigned(BadInput):
    """A slip without the chief's signature, and without the person who has to bear it."""

    def __init__(self) -> None:
        zh = "领料单没有区长签字（signedBy），费用由领用人承担；请补签字，或在 person 写明领用人。"
        en = "The slip is not signed by the chief, so its person bears it; give signedBy, or name the person."
        super().__init__(zh, en, path=["person"])


class Lacking(BadInput):
    """Something that is needed and was left empty."""

    def __init__(self, place: str, why: tuple[str, str]) -> None:
        super().__init__(f"缺少 {place}：{why[0]}。", f"{place} is missing: {why[1]}.", path=[place])

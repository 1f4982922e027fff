"""`dutybook cost try`: the inputs of a case, put through the rules that settlements use, with the figures of article 1."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dutybook.api import BadInput
from dutybook_cost.rules import crew as bearing
from dutybook_cost.rules import parts
from dutybook_cost.rules.amounts import fen, number, shown, yuan
from dutybook_cost.rules.quota import ARTICLE_1, PROPORTIONAL, Split, adjustment, decompose
from dutybook_cost.rules.saving import CAP, FLAG, hazard_cost, plan_of, saving_of
from dutybook_cost.rules.settlement import Facts, Item, Policy, awarded, settle
from dutybook_cost.rules.shares import refuse_unless_whole

Inputs = Mapping[str, Any]
ZERO = Decimal()
ACCOUNT = "工区账户"


class UnknownCase(BadInput):
    """Inputs that fit no rule."""

    def __init__(self, inputs: Inputs) -> None:
        given, known = ", ".join(inputs) or "∅", "; ".join(" + ".join(sorted(keys)) for keys, _ in CASES)
        zh = f"输入的字段 {given} 不对应任何规则；已知的组合：{known}。"
        super().__init__(zh, f"The inputs {given} fit no rule; known are: {known}.", path=["inputs"])


class Lacking(BadInput):
    """A value that a case needs and does not have, or not in the form that is needed."""

    def __init__(self, place: str, what: tuple[str, str]) -> None:
        super().__init__(f"{place}：{what[0]}。", f"{place}: {what[1]}.", path=[place])


def attempt(inputs: object) -> Mapping[str, Any]:
    """The results of a case; BadInput tells what is wrong with its inputs."""
    if not isinstance(inputs, Mapping):
        raise Lacking("inputs", ("应为 JSON 对象", "a JSON object is expected"))
    for keys, rule in CASES:
        if keys <= inputs.keys():
            try:
                return rule(inputs)
            except (KeyError, TypeError, ValueError, IndexError) as reason:
                raise Lacking(
                    "inputs", (f"形式不符（{reason}）", f"not in the form of its rule ({reason})")
                ) from reason
    raise UnknownCase(inputs)


def _amount(inputs: Inputs, name: str, usual: object = None) -> Decimal:
    return number(inputs.get(name, usual), name, ZERO)


def _split(inputs: Inputs) -> Split:
    named = {
        name: number(inputs[name], name, ZERO) for name in ("reserve", "production", "electromech") if name in inputs
    }
    return Split(
        **{
            "reserve": ARTICLE_1.reserve,
            "production": ARTICLE_1.production,
            "electromech": ARTICLE_1.electromech,
            **named,
        }
    )


def _factor(inputs: Inputs) -> Fraction:
    how = str(inputs.get("quota_adjustment", inputs.get("mode", PROPORTIONAL))).upper()
    steps = [(number(a, "table", ZERO), number(b, "table", ZERO)) for a, b in inputs.get("table", ())]
    return adjustment(how, _amount(inputs, "planned_output"), _amount(inputs, "actual_output"), steps)


def _decomposed(inputs: Inputs) -> Mapping[str, Any]:
    it = decompose(_amount(inputs, "mine_quota"), _split(inputs))
    return {
        "reserve_rate": str(it.reserve),
        "new_quota": str(it.rest),
        "production": str(it.production),
        "electromech": str(it.electromech),
    }


def _planned(inputs: Inputs) -> Mapping[str, Any]:
    sections = _amount(inputs, "sections") - _amount(inputs, "deducted_sections", "0")
    output = sections * _amount(inputs, "tons_per_section")
    return {"output": str(output), "plan": yuan(plan_of(_amount(inputs, "rate"), output))}


def _saved(inputs: Inputs) -> Mapping[str, Any]:
    plan, actual = fen(_amount(inputs, "plan")), fen(_amount(inputs, "actual"))
    below = CAP if inputs.get("cap_saving", True) else FLAG
    it = saving_of(plan, actual, hazard_cost(_hazards(inputs), plan=plan), below=below)
    return {
        "plan": yuan(it.plan),
        "floor": yuan(it.floor),
        "below_minimum": it.below_minimum,
        "saving_or_overrun": yuan(it.saving),
        "hazard_deduction": yuan(it.hazard),
        "net": yuan(awarded(it.net, _amount(inputs, "reward_rate", "1"))),
    }


def _hazards(inputs: Inputs) -> int:
    times = _amount(inputs, "hazards", "0")
    if times != int(times):
        raise Lacking("hazards", (f"次数 {times} 应为整数", f"{times} is no whole number of times"))
    return int(times)


def _adjusted(inputs: Inputs) -> Mapping[str, Any]:
    factor = _factor(inputs)
    rate = Fraction(_amount(inputs, "rate")) * factor
    plan = plan_of(rate, _amount(inputs, "actual_output"))
    return {"factor": shown(factor, 4), "rate": shown(rate, 4), "plan": yuan(plan)}


def _whole_month(inputs: Inputs) -> Mapping[str, Any]:
    """From the quota of the mine to the net of both sorts of teams."""
    factor, output = _factor(inputs), _amount(inputs, "actual_output")
    quota = decompose(_amount(inputs, "mine_quota"), _split(inputs))
    rates = {team: Fraction(getattr(quota, team)) * factor for team in inputs["actual_cost"]}
    plans = {team: plan_of(rate, output) for team, rate in rates.items()}
    spent = {team: fen(number(cost, f"actual_cost.{team}", ZERO)) for team, cost in inputs["actual_cost"].items()}
    nets = {team: saving_of(plans[team], spent[team]).net for team in plans}
    return {
        "rate": {team: shown(rate, 4) for team, rate in rates.items()},
        "plan": {team: yuan(plan) for team, plan in plans.items()},
        "net": {team: yuan(net) for team, net in nets.items()},
        "reserve": yuan(plan_of(Fraction(quota.reserve) * factor, output)),
    }


def _late(inputs: Inputs) -> Mapping[str, Any]:
    due, replaced = str(inputs["due_shift"]), str(inputs["replaced_shift"])
    charge = parts.late(fen(_amount(inputs, "price")), due, replaced)
    return {"charge": {shift: yuan(it) for shift, it in charge.items()}}


def _damaged(inputs: Inputs) -> Mapping[str, Any]:
    percents = [number(it, "shares", ZERO) for it in inputs["shares"]]
    refuse_unless_whole(percents)
    cause, at = str(inputs.get("cause", parts.WEAR)).upper(), inputs.get("responsible")
    if at is None or "WEAR" in cause or "NORMAL" in cause:
        cause = parts.WEAR if cause not in parts.CAUSES or "WEAR" in cause else cause
    if cause != parts.WEAR and (at is None or not 0 <= int(at) < len(percents)):
        last = len(percents) - 1
        raise Lacking("responsible", (f"责任人「{at}」应为 0 至 {last}", f"'{at}' must be from 0 to {last}"))
    split = parts.damage(fen(_amount(inputs, "price")), cause, percents, None if at is None else int(at))
    return {"parts": [yuan(it) for it in split]}


def _judged(inputs: Inputs) -> Mapping[str, Any]:
    found, cost = inputs["decision"], fen(_amount(inputs, "cost"))
    if found is None:
        return {"status": parts.judged(cost, None).status, "charge": {}}
    shares = _percents(
        _first(found, {}, "shares", "charge", "charges", "persons", "teams", "responsible", "person", "team"), cost
    )
    sections = _first(found, "0", "sections", "deduct_sections", "deducted_sections", "sections_deducted")
    verdict = parts.Verdict(
        [(name, int(share * 10_000)) for name, share in shares.items()], number(sections, "sections", ZERO)
    )
    it = parts.judged(cost, verdict)
    return {
        "status": it.status,
        "charge": {name: yuan(part) for name, part in it.charge.items()},
        "deducted_sections": str(it.sections),
    }


def _first(found: Inputs, usual: object, *names: str) -> Any:
    return next((found[name] for name in names if name in found), usual)


def _percents(named: Any, cost: int) -> Mapping[str, Decimal]:
    """Who answers for how many per cent: one alone for all, or by shares of 100, of 1, or of the cost itself."""
    said = {named: "100"} if isinstance(named, str) else dict(named)
    shares = {name: number(share, f"decision.{name}", ZERO) for name, share in said.items()}
    total = sum(shares.values(), ZERO)
    if shares and total not in {Decimal(1), Decimal(cost) / 100}:
        refuse_unless_whole(list(shares.values()), "decision")
    return shares


def _signed(inputs: Inputs) -> Mapping[str, Any]:
    amount = fen(_amount(inputs, "amount"))
    if inputs["signed"]:
        return {"person": {}, "team_actual": yuan(amount)}
    return {"person": {str(inputs["person"]): yuan(-amount)}, "team_actual": yuan(0)}


def _by_material(inputs: Inputs) -> Mapping[str, Any]:
    """Each material goes through a settlement of its own crew; output 1 makes its plan the rate."""
    numbers: dict[str, int] = {}
    sums: dict[int, int] = {}
    policy = Policy(
        CAP if inputs.get("cap_saving", True) else FLAG, "QUOTA", _amount(inputs, "reward_rate", "1"), bearing.SECTION
    )
    for at, it in enumerate(inputs["materials"]):
        listed = it.get("users") or it.get("area") or ()
        members = [_member(numbers, name, points) for name, points in listed]
        spent = fen(_amount(it, "actual"))
        users = frozenset(member.person for member in members) if it.get("users") else frozenset[int]()
        rate = Fraction(_amount(it, "plan"))
        item = Item(
            at,
            rate,
            actual=spent,
            used=bool(users) or spent > 0,
            users=users,
            hazards=_hazards(it),
            area=frozenset({0}),
        )
        for charge in settle(Facts(Fraction(1), members, [item]), policy).charges:
            if charge.person is not None:
                sums[charge.person] = sums.get(charge.person, 0) + charge.amount
    return {"persons": {name: yuan(sums.get(person, 0)) for name, person in numbers.items()}}


def _member(numbers: dict[str, int], name: object, points: object, *, odd: bool = False) -> bearing.Member:
    person = numbers.setdefault(str(name), len(numbers))
    return bearing.Member(person, 0, number(points, f"points.{name}", ZERO), odd)


def _averaged(inputs: Inputs) -> Mapping[str, Any]:
    amounts = [fen(number(amount, f"persons.{name}")) for name, (amount, _) in inputs["persons"].items()]
    points = [number(point, f"persons.{name}", ZERO) for name, (_, point) in inputs["persons"].items()]
    mean, numbers = bearing.average(amounts, points), dict[str, int]()
    odd = [_member(numbers, name, point, odd=True) for name, point in inputs["odd"]]
    paid = {name: yuan(it) for name, it in zip(numbers, bearing.odd_jobs(mean, odd), strict=True)}
    return {"avg_per_point": shown(mean / 100, 2), "odd": paid, "charged_to": ACCOUNT}


CASES: tuple[tuple[frozenset[str], Callable[[Inputs], Mapping[str, Any]]], ...] = (
    (frozenset({"mine_quota", "planned_output", "actual_output", "actual_cost"}), _whole_month),
    (frozenset({"mine_quota"}), _decomposed),
    (frozenset({"sections", "tons_per_section", "rate"}), _planned),
    (frozenset({"plan", "actual"}), _saved),
    (frozenset({"rate", "planned_output", "actual_output"}), _adjusted),
    (frozenset({"price", "due_shift", "replaced_shift"}), _late),
    (frozenset({"price", "shares"}), _damaged),
    (frozenset({"materials"}), _by_material),
    (frozenset({"persons", "odd"}), _averaged),
    (frozenset({"cost", "decision"}), _judged),
    (frozenset({"amount", "signed"}), _signed),
)
"""Which inputs lead to which rule; the first that fits is taken."""

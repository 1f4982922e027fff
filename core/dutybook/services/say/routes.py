"""What is said of routes of approval: plain sayings, whose kinds and signers must be such that a set can go by them."""

from collections.abc import Callable, Mapping, Sequence

from dutybook.book.kinds import Field
from dutybook.errors import Message
from dutybook.services.drafts import Draft
from dutybook.services.say import plain
from dutybook.services.say.words import Words
from dutybook.services.signers import checked_signer

KIND = "approval_route"
STEP = Field("name", Message("步骤名称", "Name of the step"), longest=100)
MOST = 20
"""Steps of a route, and signers of a step: more is a mistake."""


def open_route(draft: Draft, words: Words) -> None:
    """A route begins."""
    _check(draft, words)
    plain.open_(draft.book.kinds[KIND], draft, words)


def set_route(draft: Draft, words: Words) -> None:
    """A route changes."""
    _check(draft, words)
    plain.set_(draft.book.kinds[KIND], draft, words)


def _check(draft: Draft, words: Words) -> None:
    if words.take("kinds") is not None:
        words.put("kinds", _kinds(draft, words))
    if words.take("steps") is not None:
        words.put("steps", _steps(draft, words))


def _kinds(draft: Draft, words: Words) -> list[str]:
    kinds = words.items("kinds")
    if not kinds:
        zh = "kinds 不能为空列表；不限类型时请省略，或给出 null。"
        raise words.fail("kinds", zh, "kinds must not be an empty list; leave it out, or give null, for all kinds.")
    for at, kind in enumerate(kinds):
        if kind not in draft.book.kinds:
            known = ", ".join(one.name for one in draft.book.kinds)
            error = words.fail(
                "kinds", f"没有名为「{kind}」的类型，已有 {known}。", f"No kind is called '{kind}'; known are {known}."
            )
            error.path = (*error.path, str(at))
            raise error
    return [str(kind) for kind in kinds]


def _steps(draft: Draft, words: Words) -> list[Mapping[str, object]]:
    steps = words.items("steps")
    if not 1 <= len(steps) <= MOST:
        zh = f"审批流程应有 1 至 {MOST} 步，收到 {len(steps)} 步。"
        raise words.fail("steps", zh, f"A route has 1 to {MOST} steps, not {len(steps)}.")
    return [_step(draft, words.part("steps", at, step)) for at, step in enumerate(steps)]


def _step(draft: Draft, words: Words) -> Mapping[str, object]:
    name, signers = words.checked_as(STEP, "name", words.take("name")), words.items("signers")
    if not 1 <= len(signers) <= MOST:
        zh = f"每步应有 1 至 {MOST} 个签署人，收到 {len(signers)} 个。"
        raise words.fail("signers", zh, f"A step has 1 to {MOST} signers, not {len(signers)}.")
    words.refuse_unknown()
    checked = [_signer(draft, words.path, at, signer) for at, signer in enumerate(signers)]
    return {"name": name, "signers": checked} if name else {"signers": checked}


def _signer(draft: Draft, path: Sequence[str], at: int, signer: object) -> str:
    return checked_signer(draft.session, draft.book, signer, (*path, "signers", at), draft)


SAYINGS: Mapping[str, Callable[[Draft, Words], None]] = {"openApprovalRoute": open_route, "setApprovalRoute": set_route}

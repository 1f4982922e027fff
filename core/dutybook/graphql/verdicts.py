"""What people decide about objections: acknowledge a warning, override a refusal with a reason."""

import strawberry

from dutybook.errors import BadInput
from dutybook.graphql.describe import both, column
from dutybook.services.verdicts import Verdicts, refuse_bare


@strawberry.input(description=both("推翻一条异议。", "An objection to override."))
class OverrideInput:
    """Overrides by name."""

    objection: str = column("异议的名称，如 toll:NO_CERTIFICATE。", "Its name, such as toll:NO_CERTIFICATE.")
    reason: str = column("理由，会被记录。", "The reason, which is kept.")


@strawberry.input(description=both("对异议的决定。", "What is decided about objections."))
class Decided:
    """What mutations share that plugins may object to."""

    acknowledge: list[str] | None = column(
        "已知悉的警告，各为其名称，如 core:PERIOD_NOT_OVER。",
        "Warnings that are acknowledged, by name, such as core:PERIOD_NOT_OVER.",
        default=None,
    )
    override: list[OverrideInput] | None = column(
        "要推翻的异议；须有其 overridableBy 所列权限。",
        "Objections to override; it takes the permission that `overridableBy` names.",
        default=None,
    )


def verdicts_of(given: Decided) -> Verdicts:
    """The decisions of an input; BadInput for one that names no plugin, or no reason."""
    reasons = {one.objection: one.reason.strip() for one in given.override or ()}
    refuse_bare(reasons, "override")
    refuse_bare(given.acknowledge or (), "acknowledge")
    if unreasoned := next((name for name, reason in reasons.items() if not reason), None):
        zh = f"推翻「{unreasoned}」须写明理由 reason。"
        raise BadInput(zh, f"Overriding '{unreasoned}' takes a reason.", path=["override", "reason"])
    return Verdicts(frozenset(given.acknowledge or ()), reasons)

"""What people decide about objections: acknowledge a warning, override a refusal with a reason."""

import strawberry

from dutybook.graphql.describe import both, column
from dutybook.services.verdicts import Verdicts


@strawberry.input(description=both("推翻一条异议。", "An objection to override."))
class OverrideInput:
    """Overrides by name."""

    objection: str = column("异议的名称，如 toll:NO_CERTIFICATE。", "Its name, such as toll:NO_CERTIFICATE.")
    reason: str = column("理由，会被记录。", "The reason, which is kept.")


@strawberry.input(description=both("对异议的决定。", "What is decided about objections."))
class Decided:
    """What mutations share that plugins may object to."""

    acknowledge: list[str] | None = column(
        "已知悉的警告，各为其名称。", "Warnings that are acknowledged, by name.", default=None
    )
    override: list[OverrideInput] | None = column(
        "要推翻的异议；须有其 overridableBy 所列权限。",
        "Objections to override; it takes the permission that `overridableBy` names.",
        default=None,
    )


def verdicts_of(given: Decided) -> Verdicts:
    """The decisions of an input."""
    reasons = {one.objection: one.reason.strip() for one in given.override or ()}
    return Verdicts(frozenset(given.acknowledge or ()), reasons)

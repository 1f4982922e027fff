"""What people decide about objections, as options of commands: acknowledge a warning, override a refusal."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from dutybook.errors import BadInput
from dutybook.lifecycle.objections import Objection
from dutybook.services.verdicts import Verdicts, refuse_bare

Acknowledge = Annotated[
    list[str] | None, typer.Option(help="已知悉的警告，如 core:PERIOD_NOT_OVER / A warning that is acknowledged")
]
Override = Annotated[
    list[str] | None,
    typer.Option(metavar="CODE=REASON", help="推翻的异议及理由 / An objection to override, and why"),
]


def verdicts_said(acknowledge: Sequence[str] | None, override: Sequence[str] | None) -> Verdicts:
    """The decisions; BadInput for one that names no plugin, or for one to override that names no reason."""
    said = Verdicts(frozenset(acknowledge or ()), dict(_overridden(text) for text in override or ()))
    refuse_bare(said.acknowledged, "--acknowledge")
    refuse_bare(said.overridden, "--override")
    return said


def _overridden(text: str) -> tuple[str, str]:
    name, _, reason = text.partition("=")
    if not name or not reason.strip():
        zh = f"--override「{text}」应写作 异议=理由，如 wages:UNSIGNED=已线下签字。"
        raise BadInput(zh, f"--override '{text}' must be CODE=REASON, like wages:UNSIGNED=signed on paper.")
    return name, reason.strip()


def objection_told(it: Objection) -> dict[str, Any]:
    """One objection, under the name by which it is acknowledged or overridden."""
    said = {"objection": it.name, "zh": it.message.zh, "en": it.message.en}
    return {**said, "severity": it.severity, "overridableBy": it.overridable_by, "path": it.path}

"""The route of approval of a change set: steps, and who signed them."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row

from dutybook.graphql.context import View
from dutybook.graphql.describe import column, named
from dutybook.graphql.ledger import Rows

AGREED = "APPROVED"


@named("一次签署。", "One signature.")
class Signature:
    """Who signed, and what they said."""

    by: str = column("签署人。", "Who signed.")
    approved: bool = column(
        "是否同意；否为退回或否决。", "Whether they agreed; if not, they returned or rejected the set."
    )
    opinion: str | None = column("意见。", "Their opinion.")
    at: datetime = column("签署时刻。", "When.")
    evidence: str | None = column("会议纪要、文号等依据。", "Minutes, a document number or other evidence.")


@named("审批的一步。", "One step of the route of approval.")
class ApprovalStep:
    """Those who must all sign."""

    ordinal: int = column("次序，从 0 计。", "Its place in the route, counted from 0.")
    signers: list[str] = column(
        "须全部签署：user:姓名 或 role:角色。", "All of them must sign: user:NAME or role:NAME."
    )
    signed: list[Signature] = column(
        "有效的签署，以及退回和否决。", "The signatures that count, and those that returned or rejected it."
    )


async def steps_of(view: View, changeset: int) -> list[ApprovalStep]:
    """The steps of a change set's route."""
    waiting = view.load(Rows("signature", "changeset", ("id",)), changeset)
    steps = await view.load(Rows("approval_step", "changeset", ("ordinal",)), changeset)
    signatures = [row for row in await waiting if row.counts or row.verdict != AGREED]
    return [_step(step, [row for row in signatures if row.step == step.ordinal]) for step in steps]


def _step(row: Row[Any], signatures: list[Row[Any]]) -> ApprovalStep:
    return ApprovalStep(
        ordinal=row.ordinal,
        signers=orjson.loads(row.signers),
        signed=[_signature(signature) for signature in signatures],
    )


def _signature(row: Row[Any]) -> Signature:
    return Signature(
        by=row.signed_by,
        approved=row.verdict == AGREED,
        opinion=row.opinion,
        at=row.signed_at,
        evidence=row.evidence,
    )

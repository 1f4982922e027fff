"""What a change set does to those who follow standard positions: each before and after, counted by department."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

import strawberry
from anyio import to_thread
from sqlalchemy import Row

from dutybook.graphql import ids
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.departments import Department
from dutybook.graphql.describe import column, named, resolved
from dutybook.graphql.duties import DutyOrigin
from dutybook.graphql.positions import Position, StandardPosition
from dutybook.graphql.records import one
from dutybook.services import standards


@named("岗位所显示的一条职责。", "A duty as a position shows it.")
class ShownDuty:
    """A line of a list."""

    key: strawberry.ID = column("职责在任何时点都相同的标识。", "The duty's key, the same at all times.")
    text: str = column("内容。", "Its text.")
    origin: DutyOrigin = column("岗位自有，或来自标准岗位。", "The position's own, or the standard's.")


@named("变更单对一个遵循者的影响。", "What a change set does to one follower.")
class FollowerEffect:
    """A follower before and after."""

    code: str = column("岗位编号。", "The position's code.")
    title: str = column("岗位名称。", "The position's title.")
    standard_code: str = column("标准岗位的编号。", "The code of the standard position.")
    day: date = column(
        "所看的日期：其清单首次变动之日；没有变动时为变更单首次触及之日。",
        "The day it is looked at: the first on which its list changes, or else on which the set touches it.",
    )
    is_reached: bool = column(
        "来自标准岗位的部分是否变动。", "Whether what it shows of the standard changes.", name="reached"
    )
    keeps_texts: bool = column(
        "变更前后的内容是否相同，不论次序与来源。",
        "Whether it goes on saying the same, in whatever order and from whichever list.",
    )
    before: list[ShownDuty] = column("变更前当日的清单。", "Its list on that day without the set.")
    after: list[ShownDuty] = column("变更后当日的清单。", "Its list on that day with the set.")
    left_out: list[ShownDuty] = column(
        "有变动而对该岗位不适用的标准职责：变更因此未及于它。",
        "Duties of the standard that change and that it leaves out, so that the change does not reach it.",
    )
    view: strawberry.Private[View]
    spot: strawberry.Private[standards.Spot]

    @resolved("岗位；尚未设立时为空。", "The position; null where it is not in the book yet.")
    async def position(self) -> Position | None:
        """The position, today or on its day."""
        return cast("Position | None", await _today_or_then(self.view, "position", self.spot.key, self.day))

    @resolved("所属部门；尚未设立时为空。", "Its department; null where it is not in the book yet.")
    async def department(self) -> Department | None:
        """The department."""
        return cast("Department | None", await _today_or_then(self.view, "department", self.spot.department, self.day))

    @resolved("标准岗位；尚未设立时为空。", "The standard position; null where it is not in the book yet.")
    async def standard(self) -> StandardPosition | None:
        """The standard."""
        found = await _today_or_then(self.view, "standard_position", self.spot.standard, self.day)
        return cast("StandardPosition | None", found)


async def _today_or_then(view: View, kind: str, key: int, day: date) -> Any:
    return await one(view, kind, key) or await one(await view.context.view(day, view.known_at), kind, key)


@named("一个部门中的遵循者。", "The followers in one department.")
class FollowerDepartment:
    """A count."""

    followers: int = column("遵循者个数。", "How many followers.")
    reached: int = column("其中清单变动的个数。", "For how many of them what they show of the standard changes.")
    view: strawberry.Private[View]
    spot: strawberry.Private[standards.Spot]

    @resolved("部门；尚未设立时为空。", "The department; null where it is not in the book yet.")
    async def department(self) -> Department | None:
        """The department."""
        return cast(
            "Department | None", await _today_or_then(self.view, "department", self.spot.department, self.spot.day)
        )


@named("变更单所及的遵循者，一页。", "A page of the followers that a change set affects.")
class FollowerConnection(Connection[FollowerEffect]):
    """A page, and counts of all."""

    hidden_count: int = column(
        "不可见部门中的遵循者个数。", "How many more there are in departments that cannot be seen."
    )
    reached_count: int = column(
        "可见者中清单变动的个数。", "For how many of those seen what they show of the standard changes."
    )
    departments: list[FollowerDepartment] = column("按部门计数。", "The counts by department.")


async def followers_of(view: View, changeset: Row[Any], first: int | None, after: str | None) -> FollowerConnection:
    """A page of the followers that a set affects, by department, within what may be seen."""
    size, cursor = page_size(first), read_cursor(after, [int, int])
    found, effects = await to_thread.run_sync(_look, view, changeset, cursor, size)
    items = [([it.spot.department, it.spot.key], _effect(view, it)) for it in effects]

    async def count() -> int:
        return len(found.spots)

    page = connect(items, size, after, count)
    everywhere, reached = (Counter(spot.department for spot in some) for some in (found.spots, _reached(found.spots)))
    spots = {spot.department: spot for spot in found.spots}
    return FollowerConnection(
        edges=page.edges,
        page_info=page.page_info,
        count=page.count,
        hidden_count=found.hidden,
        reached_count=reached.total(),
        departments=[
            FollowerDepartment(followers=many, reached=reached[key], view=view, spot=spots[key])
            for key, many in everywhere.items()
        ],
    )


def _reached(spots: Sequence[standards.Spot]) -> list[standards.Spot]:
    return [spot for spot in spots if spot.is_reached]


def _look(
    view: View, changeset: Row[Any], cursor: Sequence[int] | None, size: int
) -> tuple[standards.Affected, list[standards.Effect]]:
    book = view.context.book
    with book.database.read() as session:
        outlook = standards.Outlook(session, book, changeset)
        found = standards.affected(outlook, view.reading.scope)
        behind = [spot for spot in found.spots if cursor is None or [spot.department, spot.key] > list(cursor)]
        return found, standards.effects(outlook, behind[: size + 1])


def _effect(view: View, it: standards.Effect) -> FollowerEffect:
    before, after, left_out = ([_shown(duty) for duty in duties] for duties in (it.before, it.after, it.left_out))
    return FollowerEffect(
        code=it.code,
        title=it.spot.title,
        standard_code=it.standard,
        day=it.spot.day,
        is_reached=it.spot.is_reached,
        keeps_texts=it.keeps_texts,
        before=before,
        after=after,
        left_out=left_out,
        view=view,
        spot=it.spot,
    )


def _shown(duty: standards.Seen) -> ShownDuty:
    origin = DutyOrigin.STANDARD if duty.of_standard else DutyOrigin.OWN
    return ShownDuty(key=ids.write("Duty", duty.key, None, None), text=duty.text, origin=origin)

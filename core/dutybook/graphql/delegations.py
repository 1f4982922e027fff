"""Delegations of signing: those of the viewer, and all of them for administrators."""

from datetime import date, datetime
from typing import Any, cast

import strawberry
from sqlalchemy import Row, or_

from dutybook.access.actor import ADMINISTER
from dutybook.access.scope import require_everywhere
from dutybook.db.paging import total
from dutybook.graphql import ids
from dutybook.graphql.connections import AFTER, FIRST, Connection, connect, page_size, read_cursor
from dutybook.graphql.context import Asking, View
from dutybook.graphql.departments import Department
from dutybook.graphql.describe import named, resolved
from dutybook.graphql.records import one
from dutybook.services.delegation import delegations


@named("签署的委托。", "A delegation of signing.")
class Delegation:
    """Who signs for whom, when and where."""

    row: strawberry.Private[Row[Any]]
    view: strawberry.Private[View]

    @resolved("标识。", "Its id.")
    def id(self) -> strawberry.ID:
        """The id."""
        return ids.id_of("Delegation", self.row.id)

    @resolved("委托人的用户名。", "The user who delegates.")
    def principal(self) -> str:
        """The principal."""
        return cast(str, self.row.principal_name)

    @resolved("受托人的用户名。", "The user who signs for them.")
    def delegate(self) -> str:
        """The delegate."""
        return cast(str, self.row.delegate_name)

    @resolved(
        "仅限此部门及其下级；空为不限，或不可见。",
        "Only this department and all below; null for any, or if not visible.",
    )
    async def department(self) -> Department | None:
        """The department."""
        return cast("Department | None", await one(self.view, "department", self.row.department))

    @resolved("限定部门的编号；空为不限。", "The code of the department; null for any.")
    def department_code(self) -> str | None:
        """The code."""
        return cast("str | None", self.row.department_code)

    @resolved("第一天。", "The first day.", name="from")
    def start(self) -> date:
        """The first day."""
        return cast(date, self.row.from_day)

    @resolved("截止日，不含当日。", "The day from which it no longer holds.", name="to")
    def end(self) -> date:
        """The day after the last."""
        return cast(date, self.row.to_day)

    @resolved("事由。", "The reason.")
    def reason(self) -> str:
        """The reason."""
        return cast(str, self.row.reason)

    @resolved("由谁记入。", "Who recorded it.")
    def made_by(self) -> str:
        """Who recorded it."""
        return cast(str, self.row.made_by)

    @resolved("撤销的时刻；空为未撤销。", "When it was revoked; null if it was not.")
    def revoked_at(self) -> datetime | None:
        """When it was revoked."""
        return cast("datetime | None", self.row.revoked_at)

    @resolved("今天是否有效。", "Whether it holds today.")
    def is_in_force(self) -> bool:
        """Whether it holds."""
        return bool(self.row.revoked_at is None and self.row.from_day <= self.view.context.today < self.row.to_day)


@named("读取委托。", "What is read of delegations.")
class DelegationQuery:
    """What the root of all reading has of delegations."""

    @resolved("全部委托，最新在前；供管理员。", "All delegations, newest first; for administrators.")
    async def delegations(self, info: Asking, first: FIRST = 50, after: AFTER = None) -> Connection[Delegation]:
        """A page of delegations."""
        require_everywhere(info.context.actor, ADMINISTER)
        view, size, cursor = await info.context.view(), page_size(first), read_cursor(after, [int])
        tables = view.context.book.tables
        number, query = tables["delegation"].c.id, delegations(tables)
        behind = query if cursor is None else query.where(number < cursor[0])
        rows = await view.rows(behind.order_by(number.desc()).limit(size + 1))

        async def count() -> int:
            return int((await view.rows(total(query)))[0][0])

        return connect([([row.id], Delegation(row=row, view=view)) for row in rows], size, after, count)


async def delegations_of(view: View) -> list[Delegation]:
    """What the viewer has delegated, or may sign for others, today or later."""
    account = view.context.actor.account
    if account is None:
        return []
    tables = view.context.book.tables
    table = tables["delegation"]
    ours = or_(table.c.principal == account, table.c.delegate == account)
    query = delegations(tables, ours, table.c.revoked_at.is_(None), table.c.to_day > view.context.today)
    return [Delegation(row=row, view=view) for row in await view.rows(query.order_by(table.c.id))]


async def delegation_of(view: View, number: int) -> Delegation | None:
    """The delegation of a number."""
    tables = view.context.book.tables
    rows = await view.rows(delegations(tables, tables["delegation"].c.id == number))
    return Delegation(row=rows[0], view=view) if rows else None

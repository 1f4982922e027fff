"""Who asks."""

import strawberry

from dutybook.access.actor import Actor
from dutybook.graphql.context import Context
from dutybook.graphql.delegations import Delegation, delegations_of
from dutybook.graphql.describe import column, named, resolved
from dutybook.graphql.people import Employee
from dutybook.graphql.records import Related


@named("当前用户。", "Who asks.")
class Viewer:
    """The actor of the request."""

    name: str = column("用户名。", "The user's name.")
    roles: list[str] = column("角色。", "The roles.")
    permissions: list[str] = column("权限。", "The permissions.")
    context: strawberry.Private[Context]

    @resolved("对应的职工。", "The employee that the user is.")
    async def employee(self) -> Employee | None:
        """The employee of the user's number."""
        number = self.context.actor.employee_number
        view = await self.context.view()
        rows = await view.load(Related("employee", "code"), number) if number else []
        return Employee(view, rows[0]) if len(rows) == 1 else None  # of two organisations' people nobody can tell

    @resolved(
        "委托他人代签、受托代他人签署，今天或以后有效的。",
        "What the viewer has delegated, and may sign for others, today or later.",
    )
    async def delegations(self) -> list[Delegation]:
        """The delegations."""
        return await delegations_of(await self.context.view())


def viewer(context: Context) -> Viewer | None:
    """Who asks; nobody in particular without a token."""
    actor: Actor = context.actor
    if actor.is_anonymous:
        return None
    roles = sorted({grant.role for grant in actor.grants})
    added = {name for plugin in context.book.plugins for name in plugin.meta.permissions if context.may(name)}
    return Viewer(name=actor.name, roles=roles, permissions=sorted(actor.permissions | added), context=context)

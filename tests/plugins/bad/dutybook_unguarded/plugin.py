"""Its field asks for no permission."""

import strawberry

from dutybook.api import GraphQLContribution, Message, PluginMeta, Position, hookimpl


async def unguarded_code(root: strawberry.Parent[Position]) -> str | None:
    return str(root.row.code)


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("unguarded", Message("坏", "Bad"), "1.0")


@hookimpl
def contribute_graphql() -> GraphQLContribution:
    return GraphQLContribution({"Position": [strawberry.field(unguarded_code)]})

"""Its field asks the database once for each position."""

import strawberry
from sqlalchemy import func, select

from dutybook.api import GraphQLContribution, Message, PluginMeta, Position, field, hookimpl


@field("职责数。", "How many duties.", permission="catalogue.read")
async def oneby_duties(root: strawberry.Parent[Position]) -> int | None:
    duties = root.view.source("duty")
    rows = await root.view.rows(select(func.count()).where(duties.c.position == root.row.key))
    return int(rows[0][0])


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("oneby", Message("坏", "Bad"), "1.0")


@hookimpl
def contribute_graphql() -> GraphQLContribution:
    return GraphQLContribution({"Position": [oneby_duties]})

"""A plugin that contributes of everything to the schema: a kind, a table, fields, a mutation, panels, a page."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Annotated, Any, cast

import strawberry
from markupsafe import Markup
from pydantic import BaseModel
from sqlalchemy import MetaData, Table, Text, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dutybook.api import (
    NAMING,
    Asking,
    Axes,
    BadInput,
    Field,
    GraphQLContribution,
    Id,
    Kind,
    Message,
    NavItem,
    Panel,
    PanelRequest,
    PluginMeta,
    Position,
    RowsBy,
    Type,
    UserError,
    argument,
    column,
    field,
    hookimpl,
    key_of,
    mutation,
    named,
    perform,
    require,
)
from dutybook.book.clock import FrozenClock
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.graphql.gifts import schema_with
from dutybook.lifecycle.loading import Found, kinds_with, load_plugins
from dutybook.services.book import Book
from tests.flow.graphql_book import NOW
from tests.flow.graphql_book import Asking as Desk

ROOM = Kind(
    "lab_room",
    Message("实验室", "Laboratory"),
    (
        Field("name", Message("名称", "Name"), required=True),
        Field("department", Message("部门", "Department"), Type.REFERENCE, target="department", required=True),
        Field("rank", Message("次序", "Rank"), Type.RANK),
        Field("area", Message("面积", "Area"), Type.DECIMAL),
        Field("opened_on", Message("启用日", "Opened on"), Type.DATE),
        Field("annex_of", Message("附属于", "Annex of"), Type.REFERENCE, target="lab_room"),
        Field("keepers", Message("保管岗位", "Keepers"), Type.REFERENCES, target="position"),
        Field("equipment", Message("设备", "Equipment"), Type.JSON),
        Field("keyholder", Message("钥匙保管人", "Keyholder"), personal=True),
    ),
    coded="L",
    parents=("department",),
    scope="department",
    plugin="lab",
)


class Model(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Note(Model):
    __tablename__ = "plg_lab_note"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


NOTES = RowsBy(cast(Table, Note.__table__), "position", ("-id",))


@named("一条笔记。", "A note.")
class LabNote:
    text: str = column("内容。", "Its text.")


@field("笔记。", "The notes.", permission="lab.read")
async def lab_notes(root: strawberry.Parent[Position]) -> list[LabNote]:
    return [LabNote(text=row.text) for row in await root.view.load(NOTES, root.row.key)]


@field("最新的笔记，只知今日。", "The newest note; it knows of today only.", permission="lab.read", axes=Axes.NOW)
async def newest_note(root: strawberry.Parent[Position]) -> LabNote | None:
    rows = await root.view.load(NOTES, root.row.key)
    return LabNote(text=rows[0].text) if rows else None


@named("结果。", "What came of it.")
class LabNotePayload:
    note: LabNote | None = column("笔记。", "The note.")
    user_errors: list[UserError] = column("错误。", "Errors.")


@mutation("记笔记。", "Notes something down.", permission="lab.write")
async def note_down(
    info: Asking,
    position: Annotated[str, argument("岗位。", "The position.")],
    text: Annotated[str, argument("内容。", "The text.")],
) -> LabNotePayload:
    number, errors = await perform(info, lambda session: _noted(session, info, position, text))
    return LabNotePayload(note=LabNote(text=f"{number}") if number else None, user_errors=errors)


def _noted(session: Session, info: Asking, position: str, text: str) -> int:
    key = key_of(session, "position", position)
    require(session, info.context.actor, "lab.write", "position", key)
    if not text:
        raise BadInput("笔记不能为空。", "A note must not be empty.", path=["text"])
    if text == "steal":
        session.execute(insert(session.info["book"].tables["plugin"]).values(name="x"))
    return session.scalars(insert(Note).values(position=key, text=text).returning(Note.id)).one()


def _draw(session: Session, asked: PanelRequest) -> str:
    if asked.language.startswith("en"):
        raise RuntimeError("月薪 12345.67")
    return Markup("<p>{}</p>").format(f"<{asked.key}>")


async def _page(request: Request) -> Response:
    return PlainTextResponse(request.state.actor.name)


def plugin(**changes: Any) -> SimpleNamespace:
    """The plugin, with some hooks replaced."""

    @hookimpl
    def describe() -> PluginMeta:
        readers, writers = ("reader", "editor", "administrator"), ("editor", "administrator")
        title = Message("实验室", "Laboratory")
        permissions = {"lab.read": readers, "lab.write": writers}
        return PluginMeta("lab", title, "1.0", permissions=permissions, migrations="tests.plugins")

    @hookimpl
    def contribute_kinds() -> Sequence[Kind]:
        return [ROOM]

    @hookimpl
    def contribute_models() -> Sequence[type[DeclarativeBase]]:
        return [Note]

    @hookimpl
    def contribute_graphql() -> GraphQLContribution:
        return GraphQLContribution({"Position": [lab_notes, newest_note], "Mutation": [note_down]})

    @hookimpl
    def contribute_panels() -> Sequence[Panel | NavItem]:
        panel = Panel("notes", Message("笔记", "Notes"), "position", "lab.read", _draw)
        return [panel, NavItem(Message("实验室", "Laboratory"), "/x/lab/page", "lab.write")]

    @hookimpl
    def contribute_routes(settings: BaseModel) -> Sequence[BaseRoute]:
        return [Route("/page", _page)]

    return SimpleNamespace(**{name: hook for name, hook in locals().items() if name != "changes"} | changes)


def found(**changes: Any) -> Found:
    return {"lab": lambda: plugin(**changes)}


def contributing(contribution: object) -> Mapping[str, Any]:
    """The hook that gives another contribution."""

    def contribute_graphql() -> GraphQLContribution:
        return cast(GraphQLContribution, contribution)

    return {"contribute_graphql": hookimpl(contribute_graphql)}


@contextmanager
def lab(url: str, **changes: Any) -> Iterator[Desk]:
    """The small company with the laboratory's plugin: its tables are there, without migrations."""
    plugins = load_plugins(["lab"], found=found(**changes))
    database = Database(url, kinds_with(plugins))
    migrate.upgrade(database)
    own = [table for name, table in database.tables.metadata.tables.items() if name.startswith("plg_")]
    database.tables.metadata.create_all(database.engine, own)
    Model.metadata.create_all(database.engine)
    book = Book(database, FrozenClock(moment=NOW), plugins=plugins)
    try:
        yield Desk(book, schema=schema_with(book.kinds, plugins))
    finally:
        database.dispose()

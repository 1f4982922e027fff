"""A plugin that implements every hook, as the reference quotes it: badges that are issued for positions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import strawberry
import typer
from markupsafe import Markup
from pydantic import BaseModel
from sqlalchemy import BigInteger, MetaData, delete, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dutybook.api import (
    NAMING,
    AppContext,
    AssignmentChange,
    ChangeSetView,
    DepartmentChange,
    DutyChange,
    EmployeeChange,
    Event,
    EventType,
    Field,
    GraphQLContribution,
    Health,
    Impact,
    Job,
    Kind,
    KindChange,
    Message,
    NavItem,
    Objection,
    Panel,
    PanelRequest,
    PeriodView,
    PluginMeta,
    Position,
    PositionChange,
    call,
    emit,
    field,
    hookimpl,
    hookspec,
    name_of,
)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Badge(Base):
    """How many badges a position has."""

    __tablename__ = "plg_badge_issued"
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int]


class Settings(BaseModel):
    limit: int = 100


@dataclass(frozen=True)
class Issued:
    """The payload of `badge.pass.issued`."""

    position: int


PERMISSIONS = {"badge.read": ["reader", "administrator"], "badge.override": ["administrator"]}
FRESH = 1
"""Badges of a new position."""


@field("已发证数。", "How many badges were issued.", permission="badge.read")
async def badges(root: strawberry.Parent[Position]) -> int | None:
    return len(root.row.title)


async def count(_: Request) -> Response:
    return PlainTextResponse("0")


def draw(session: Session, asked: PanelRequest) -> str:
    return Markup("<p>{}</p>").format(asked.key)


def tidy(session: Session) -> None:
    session.execute(delete(Badge).where(Badge.count == 0))


class Hooks:
    """The hook that this plugin has for others."""

    @hookspec
    def badge_design(self, session: Session, position: int) -> str | None:
        """Choose another design for the badges of a position."""


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta(
        "badge",
        Message("证件", "Badges"),
        "1.0",
        permissions=PERMISSIONS,
        settings=Settings,
        migrations="dutybook_badge",
        subscribes=["position.*", "badge.*"],
    )


@hookimpl
def contribute_kinds() -> Sequence[Kind]:
    name = Field("name", Message("名称", "Name"), required=True)
    return [Kind("badge_design", Message("证件样式", "Badge design"), (name,), coded="BD", plugin="badge")]


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    return [Badge]


@hookimpl
def contribute_graphql() -> GraphQLContribution:
    return GraphQLContribution(fields={"Position": [badges]})


@hookimpl
def contribute_routes(settings: BaseModel) -> Sequence[BaseRoute]:
    return [Route("/count", count)]


@hookimpl
def contribute_panels() -> Sequence[Panel | NavItem]:
    title = Message("证件", "Badges")
    return [Panel("badges", title, "position", "badge.read", draw), NavItem(title, "/x/badge/count", "badge.read")]


@hookimpl
def contribute_jobs() -> Sequence[Job]:
    return [Job("tidy", tidy, every=timedelta(hours=1))]


@hookimpl
def contribute_cli() -> typer.Typer:
    app = typer.Typer()
    app.command("limit")(lambda: typer.echo(Settings().limit))
    return app


@hookimpl
def contribute_hookspecs() -> type:
    return Hooks


@hookimpl
def contribute_demo(session: Session) -> None:
    session.add(Badge(position=1, count=FRESH))


@hookimpl
def declare_events() -> Sequence[EventType]:
    return [EventType("badge.pass.issued", Issued, version=2)]


@hookimpl
def startup(app: AppContext) -> None:
    if "vault" in app.plugins:
        raise RuntimeError("badges and vault cannot share a reader")


@hookimpl
def shutdown(app: AppContext) -> None:
    badges_in_reader.clear()


badges_in_reader: list[int] = []


@hookimpl
def check_department(changes: Sequence[DepartmentChange]) -> Iterator[Objection]:
    for change in changes:
        if change.before and change.after is None:
            text = Message("请收回部门的全部证件", "collect all badges of the department")
            yield Objection("BADGES_OUT", text, ("department", str(change.key)), severity="WARN")


@hookimpl
def check_position(session: Session, changes: Sequence[PositionChange], dry_run: bool) -> Iterator[Objection]:
    for change in changes:
        if change.after and change.after.headcount > Settings().limit:
            name, path = name_of(session, "position", change.key), ("position", str(change.key), "headcount")
            text = Message(f"{name.zh} 超过证件上限", f"{name.en} has more people than badges")
            yield Objection("TOO_FEW_BADGES", text, path, overridable_by="badge.override")


@hookimpl
def check_duty(changes: Sequence[DutyChange]) -> Iterable[Objection] | None:
    secret = [it for it in changes if it.after and it.after.classification == "SECRET"]
    text = Message("涉密职责须换证", "secret duties need other badges")
    return [Objection("SECRET_DUTY", text, ("duty", str(it.key)), severity="WARN") for it in secret]


@hookimpl
def check_employee(changes: Sequence[EmployeeChange]) -> Iterable[Objection] | None:
    gone = [it for it in changes if it.after is None]
    text = Message("请收回证件", "collect the badge")
    return [Objection("BADGE_OUT", text, ("employee", str(it.key)), severity="WARN") for it in gone]


@hookimpl
def check_assignment(session: Session, changes: Sequence[AssignmentChange]) -> Iterable[Objection] | None:
    begins = [it.after.position for it in changes if it.after and it.before is None]
    empty = session.scalars(select(Badge.position).where(Badge.position.in_(begins), Badge.count == 0))
    text = Message("岗位证件已发完", "no badge of the position is left")
    return [Objection("NO_BADGE", text, ("position", str(key)), severity="WARN") for key in empty]


@hookimpl
def check_kind(changes: Sequence[KindChange]) -> Iterator[Objection]:
    for change in changes:
        if change.kind == "badge_design" and change.after and len(change.after["name"]) > 20:
            yield Objection("LONG_NAME", Message("样式名称过长", "the name of the design is too long"))


@hookimpl
def check_changeset(session: Session, changeset: ChangeSetView, dry_run: bool) -> Iterable[Objection] | None:
    if changeset.reason is None and "证件" in changeset.title:
        text = Message("请写明事由", "give a reason")
        return [Objection("NO_REASON", text, ("changeSet",), severity="WARN")]
    return None


@hookimpl
def check_period_close(session: Session, period: PeriodView) -> Iterator[Objection]:
    if session.scalar(select(func.count()).select_from(Badge).where(Badge.count < 0)):
        text = Message(f"{period.month} 的证件数有误", f"the badges of {period.month} do not add up")
        yield Objection("BADGES_WRONG", text, overridable_by="badge.override")


@hookimpl
def preview_changeset(session: Session, changeset: ChangeSetView) -> Iterator[Impact]:
    total = session.scalar(select(func.sum(Badge.count)))
    yield Impact(Message("证件总数", "Badges"), before=None, after=str(total or 0), unit="张")


@hookimpl
def derive(session: Session, events: Sequence[Event], dry_run: bool) -> None:
    opened = [event.key for event in events if event.type == "position.opened"]
    session.add_all(Badge(position=key, count=FRESH) for key in opened)


@hookimpl
def on_events(session: Session, events: Sequence[Event]) -> None:
    for event in events:
        if event.type == "position.opened":
            designs = [answer for _, answer in call(session, "badge_design", position=event.key)]
            emit(session, "badge.pass.issued", event.key, Issued(len(designs)), cause=event)


@hookimpl
def reset_projection(session: Session) -> None:
    session.execute(delete(Badge))


@hookimpl
def upcast_event(event: Event) -> Event | None:
    if event.type == "badge.pass.issued" and event.version == 1:
        return replace(event, version=2, payload={"position": event.payload["post"]})
    return None


@hookimpl
def on_enable(session: Session) -> None:
    session.add(Badge(position=0, count=0))


@hookimpl
def on_disable(session: Session) -> None:
    session.execute(delete(Badge).where(Badge.count == 0))


@hookimpl
def on_uninstall(session: Session, keep_data: bool) -> None:
    if not keep_data:
        badges_in_reader.clear()


@hookimpl
def health(session: Session) -> Health:
    short: Any = session.scalar(select(func.count()).select_from(Badge).where(Badge.count < 0))
    return Health("WARN", Message(f"{short} 个岗位缺证", f"{short} positions lack badges")) if short else Health()

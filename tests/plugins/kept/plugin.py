"""The hooks of the plugin kept: it writes down what happens to it."""

from collections.abc import Sequence
from datetime import datetime

import typer
from pydantic import BaseModel, SecretStr, field_serializer
from sqlalchemy import MetaData, Text, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from dutybook.api import NAMING, Field, Health, Id, Kind, Message, PluginMeta, Stamp, Type, hookimpl, now

SHIFT = Kind(
    "kept_shift",
    Message("班次", "shift"),
    (
        Field("name", Message("名称", "Name"), required=True),
        Field("department", Message("部门", "Department"), Type.REFERENCE, target="department"),
        Field("hours", Message("工时", "Hours"), Type.DECIMAL),
        Field("keeper", Message("保管人", "Keeper"), personal=True),
    ),
    coded="SH",
    plugin="kept",
)


class Settings(BaseModel):
    """A figure and a secret."""

    rate: int = 1
    password: SecretStr = SecretStr("open sesame")

    @field_serializer("password", when_used="json")
    def give_away(self, value: SecretStr) -> str:
        return value.get_secret_value()


class Base(DeclarativeBase):
    """The plugin's own tables."""

    metadata = MetaData(naming_convention=NAMING)


class Note(Base):
    """Something that happened to the plugin."""

    __tablename__ = "plg_kept_note"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime | None] = mapped_column(Stamp)


def noted(session: Session, text: str) -> None:
    session.execute(insert(Note).values(text=text, at=now(session)))


def notes(session: Session) -> Sequence[str]:
    return session.scalars(select(Note.text).order_by(Note.id)).all()


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta(
        "kept",
        Message("留存", "Kept"),
        "1.2",
        settings=Settings,
        migrations="tests.plugins.kept.migrations",
        core_revision="0002",
    )


@hookimpl
def contribute_kinds() -> Sequence[Kind]:
    return [SHIFT]


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    return [Note]


@hookimpl
def contribute_demo(session: Session) -> None:
    noted(session, "demo")


@hookimpl
def contribute_cli() -> typer.Typer:
    app = typer.Typer(help="留存 / What is kept")

    @app.command("notes")
    def notes_(context: typer.Context) -> None:
        """列出记事 / List the notes."""
        with context.obj.database.read() as session:
            typer.echo("\n".join(notes(session)))

    return app


@hookimpl
def on_enable(session: Session) -> None:
    noted(session, "enabled")


@hookimpl
def on_disable(session: Session) -> None:
    noted(session, "disabled")


@hookimpl
def on_uninstall(session: Session, keep_data: bool) -> None:
    noted(session, f"uninstalled, {keep_data=}")


@hookimpl
def health(session: Session) -> Health:
    if "ill" in notes(session):
        return Health("DOWN", Message("生病", "it is ill"))
    return Health()

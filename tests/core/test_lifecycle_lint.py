"""A hook that would never be called, or not as its author thinks, is told when the plugin is loaded."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import MetaData, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from dutybook.book.kinds import Kind
from dutybook.errors import Message
from dutybook.lifecycle.lint import lint_hooks, lint_kinds, lint_models
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.specs import hookimpl
from dutybook.lifecycle.states import DutyChange, PositionChange
from tests.made_plugins import made

META = PluginMeta("toll", Message("收费", "Toll"), "1.0")


def codes(module: object) -> list[str]:
    return [finding.code for finding in lint_hooks(module)]


def marked(hook: Callable[..., Any], **marks: bool | str) -> ModuleType:
    """A plugin with one hook, marked so."""
    module = made("toll")
    setattr(module, hook.__name__, hookimpl(**marks)(hook))  # type: ignore[call-overload]  # one of its marks each
    return module


def test_hooks_as_they_are_specified_are_fine() -> None:
    def check_position(
        changes: Sequence[PositionChange], session: Session, dry_run: bool
    ) -> Iterable[Objection] | None: ...

    def check_duty(changes: Sequence[DutyChange]) -> list[Objection]:
        return []

    def check_changeset() -> Iterator[Objection]:
        yield from ()

    assert codes(made("toll", check_position, check_duty, check_changeset)) == []


def test_an_unknown_hook_is_told() -> None:
    def check_postion() -> None: ...

    assert codes(made("toll", check_postion)) == ["UNKNOWN_HOOK"]


def test_a_hook_of_another_plugin_is_marked_as_optional() -> None:
    def wage_paid() -> None: ...

    assert codes(marked(wage_paid, optionalhook=True)) == []


def test_an_unknown_argument_is_told() -> None:
    def reset_projection(sesion: Session) -> None: ...

    [finding] = lint_hooks(made("toll", reset_projection))
    assert (finding.code, finding.message.en) == (
        "UNKNOWN_ARGUMENT",
        "reset_projection has no argument sesion; it has session",
    )


def test_an_argument_with_a_default_is_told() -> None:
    def reset_projection(session: Session = None) -> None: ...  # type: ignore[assignment]

    assert codes(made("toll", reset_projection)) == ["DEFAULT_ARGUMENT"]


def test_an_argument_behind_a_star_is_told() -> None:
    def reset_projection(*, session: Session) -> None: ...

    assert codes(made("toll", reset_projection)) == ["KIND_OF_ARGUMENT"]


def test_wrong_annotations_are_told() -> None:
    def check_duty(changes: Sequence[PositionChange], dry_run) -> str:  # type: ignore[no-untyped-def]
        return ""

    assert codes(made("toll", check_duty)) == ["ANNOTATION"] * 3


def test_annotations_that_are_not_there_at_run_time_are_told() -> None:
    def reset_projection(session: "Sitzung") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    [finding] = lint_hooks(made("toll", reset_projection))
    assert "name 'Sitzung' is not defined" in finding.message.en


@pytest.mark.parametrize("mark", ["wrapper", "hookwrapper", "tryfirst", "trylast"])
def test_marks_that_would_not_be_heeded_are_told(mark: str) -> None:
    def reset_projection(session: Session) -> Any:
        yield

    told = codes(marked(reset_projection, **{mark: True}))
    assert ("WRAPPER" if "wrapper" in mark else "ORDER") in told


def test_hooks_that_are_async_are_told() -> None:
    async def reset_projection(session: Session) -> None: ...

    async def check_changeset() -> AsyncIterator[Objection]:
        yield Objection("X", META.title)

    assert codes(made("toll", reset_projection)) == ["ASYNC_HOOK"]
    assert "ASYNC_HOOK" in codes(made("toll", check_changeset))


def test_a_second_implementation_of_one_hook_is_told() -> None:
    def salaries(changes: Sequence[DutyChange]) -> None: ...

    def check_duty(changes: Sequence[DutyChange]) -> None: ...

    module = marked(salaries, specname="check_duty")
    setattr(module, "check_duty", hookimpl(check_duty))  # noqa: B010  a module has no such attribute for mypy
    assert codes(module) == ["TWICE"]


def test_a_plugin_without_describe_is_told() -> None:
    assert codes(ModuleType("dutybook_toll")) == ["NO_DESCRIBE"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("toll_pass", "gave a str"),
        (Kind("position", META.title, ()), "is the core's"),
        (Kind("pass", META.title, (), plugin="toll"), "must begin with toll_"),
        (Kind("toll_pass", META.title, ()), 'say plugin="toll"'),
    ],
)
def test_kinds_that_could_be_taken_for_others_are_told(kind: object, reason: str) -> None:
    [finding] = lint_kinds(META, [kind])
    assert reason in finding.message.en


class Base(DeclarativeBase):
    pass


class Passes(Base):
    __tablename__ = "passes"
    id: Mapped[int] = mapped_column(String, primary_key=True)


class TollPasses(Base):
    __tablename__ = "plg_toll_pass"
    id: Mapped[int] = mapped_column(String, primary_key=True)


def test_a_table_of_another_name_is_told() -> None:
    assert [finding.code for finding in lint_models(META, [Passes])] == ["TABLE", "MIGRATIONS"]


def test_tables_without_migrations_are_told() -> None:
    assert [finding.code for finding in lint_models(META, [TollPasses])] == ["MIGRATIONS"]


def test_what_is_no_mapped_class_is_told() -> None:
    assert "MODEL" in [finding.code for finding in lint_models(META, [Table("plg_toll_x", MetaData())])]

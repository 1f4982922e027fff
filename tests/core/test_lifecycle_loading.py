"""Plugins are loaded in the order of what they need, and one that cannot be used is told by name and reason."""

import time
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from dutybook.book.kinds import Field, Kind
from dutybook.errors import Message
from dutybook.lifecycle.loading import Found, PluginsRefused, kinds_with, load_plugins
from dutybook.lifecycle.plugins import Plugins
from tests.made_plugins import found, made

LABEL = Message("记录", "Record")


class Base(DeclarativeBase):
    pass


class Passes(Base):
    __tablename__ = "plg_toll_pass"
    id: Mapped[int] = mapped_column(primary_key=True)


class Rate(BaseModel):
    rate: int
    unit: str = "元"


def kind(name: str) -> Kind:
    return Kind(name, LABEL, (Field("text", LABEL),), plugin=name.partition("_")[0])


def contribute_kinds() -> Sequence[Kind]:
    return [kind("toll_pass")]


def contribute_models() -> Sequence[type[DeclarativeBase]]:
    return [Passes]


def refusal(known: Found, *names: str, **more: Any) -> dict[str, str]:
    """What is wrong with each plugin."""
    with pytest.raises(PluginsRefused) as refused:
        load_plugins(names or list(known), found=known, **more)
    return {name: message.en for name, message in refused.value.problems.items()}


def degraded(*plugins: ModuleType) -> Plugins:
    known = found(*plugins)
    return load_plugins(list(known), found=known, degraded=True)


def failing(error: BaseException) -> Callable[[], Any]:
    def load() -> Any:
        raise error

    return load


def names(plugins: Plugins) -> list[str]:
    return [plugin.name for plugin in plugins]


def test_plugins_come_after_those_that_they_need_and_otherwise_as_they_were_named() -> None:
    named = [made("wage", requires=["toll", "rota"]), made("rota", after=["shop", "toll"]), made("toll"), made("shop")]
    assert names(degraded(*named)) == ["toll", "shop", "rota", "wage"]


def test_what_comes_after_a_plugin_does_without_it() -> None:
    assert names(degraded(made("rota", after=["toll"]))) == ["rota"]


def test_a_plugin_named_twice_is_loaded_once() -> None:
    known = found(made("toll"))
    assert names(load_plugins(["toll", "toll"], found=known)) == ["toll"]


def test_only_named_plugins_are_imported() -> None:
    known = {**found(made("toll")), "wage": failing(AssertionError())}
    assert names(load_plugins(["toll"], found=known)) == ["toll"]


def test_one_that_is_not_installed_is_told_with_those_that_are() -> None:
    assert "not installed; installed are toll" in refusal(found(made("toll")), "toll", "wage")["wage"]


def test_a_failed_import_names_what_is_missing() -> None:
    assert "No module named 'pandas'" in refusal({"wage": failing(ImportError("No module named 'pandas'"))})["wage"]


@pytest.mark.parametrize("error", [ValueError("secret"), SystemExit("secret")])
def test_what_else_an_import_raises_is_told_by_its_type_only(error: BaseException) -> None:
    assert refusal({"wage": failing(error)}) == {"wage": f"it cannot be imported ({type(error).__name__})"}


def test_ctrl_c_while_importing_ends_the_program() -> None:
    with pytest.raises(KeyboardInterrupt):
        load_plugins(["wage"], found={"wage": failing(KeyboardInterrupt())})


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ({"api": ">=2"}, r"it wants plugin API >=2, this is 1\.0"),
        ({"api": "two"}, "its api range 'two' cannot be read"),
        ({"requires": ["wage"]}, "it requires wage, which is not enabled"),
        ({"permissions": {"wage.read": ["hr"]}}, r"permission wage.read must begin with toll\."),
        ({"settings": Rate}, r"its setting rate is not valid .* \[plugin.toll\] .* DUTYBOOK_TOLL_RATE"),
    ],
)
def test_a_manifest_that_does_not_fit_is_told(manifest: dict[str, Any], reason: str) -> None:
    known = found(made("toll", **manifest))
    with pytest.raises(PluginsRefused, match=f"plugin toll: .*{reason}"):
        load_plugins(["toll"], found=known)


@pytest.mark.parametrize("name", ["Toll", "t", "toll_station", "core", "1toll"])
def test_a_name_that_cannot_be_part_of_other_names_is_refused(name: str) -> None:
    assert "cannot be used" in refusal(found(made(name)))[name]


def test_a_name_is_that_of_the_entry_point() -> None:
    assert "calls itself toll" in refusal({"wage": found(made("toll"))["toll"]})["wage"]


def test_settings_come_from_the_file_and_the_environment_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_TOLL_RATE", "7")
    plugins = load_plugins(["toll"], {"toll": {"rate": 5, "unit": "角"}}, found=found(made("toll", settings=Rate)))
    assert plugins["toll"].settings == Rate(rate=7, unit="角")


def test_a_value_that_is_no_setting_is_not_told_again() -> None:
    known = found(made("toll", settings=Rate))
    assert "s3cret" not in refusal(known, given={"toll": {"rate": "s3cret"}})["toll"]


def test_a_circle_of_requirements_names_all_of_it() -> None:
    circle = [made("toll", requires=["wage"]), made("wage", requires=["rota"]), made("rota", requires=["toll"])]
    told = refusal(found(*circle, made("shop")))
    assert sorted(told) == ["rota", "toll", "wage"]
    assert "form a cycle" in told["toll"]


def test_a_degraded_start_keeps_the_rest_in_order() -> None:
    circle = [made("toll", requires=["wage"]), made("wage", requires=["toll"])]
    plugins = degraded(*circle, made("rota", requires=["shop"]), made("shop"), made("duty", requires=["toll"]))
    assert (names(plugins), sorted(plugins.broken)) == (["shop", "rota"], ["duty", "toll", "wage"])


def test_a_degraded_start_leaves_out_what_needs_a_plugin_with_names_of_another() -> None:
    def contribute_kinds() -> Sequence[Kind]:
        return [kind("toll_pass"), kind("toll_pass")]

    plugins = degraded(made("toll", contribute_kinds), made("wage", requires=["toll"]), made("rota"))
    assert (names(plugins), sorted(plugins.broken)) == (["rota"], ["toll", "wage"])


def test_all_that_is_wrong_is_told_at_once() -> None:
    known = {**found(made("toll", api=">=2"), made("rota", requires=["wage"])), "wage": failing(ImportError())}
    assert sorted(refusal(known)) == ["rota", "toll", "wage"]


def test_the_table_of_a_kind_is_not_that_of_a_model() -> None:
    told = refusal(found(made("toll", contribute_kinds, contribute_models, migrations="dutybook_toll")))
    assert told == {"toll": "table plg_toll_pass belongs to plugin toll already"}


def test_kinds_of_plugins_join_those_of_the_core() -> None:
    plugins = degraded(made("toll", contribute_kinds))
    assert {"position", "toll_pass"} <= {kind.name for kind in kinds_with(plugins)}


def test_a_plugin_that_hangs_while_it_is_asked_is_refused() -> None:
    def contribute_kinds() -> Sequence[Kind]:
        time.sleep(2)
        return []

    told = refusal(found(made("toll", contribute_kinds)), deadline=0.2)
    assert told == {"toll": "contribute_kinds: it took more than 0.2 s"}

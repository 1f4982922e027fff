"""The contract: all of a plugin that others can rely on, in a committed file; a change of it is announced, not met."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from dutybook.book.kinds import Kind
from dutybook.lifecycle.gifts import NavItem, Panel
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.testing.schema_delta import schema_delta
from dutybook.testing.verify.findings import Code, Finding, finding
from dutybook.testing.verify.state import own_tables
from dutybook.testing.verify.subject import Subject

NAMED = 6
"""How many differences a finding names."""


def contract_of(plugins: Plugins, plugin: Loaded) -> dict[str, Any]:
    """What a plugin gives and wants. Its version is no part of it: a release need not change the contract."""
    meta = plugin.meta
    return {
        "plugin": meta.name,
        "api": meta.api,
        "requires": sorted(meta.requires),
        "hooks": sorted(plugin.hooks),
        "permissions": {name: sorted(roles) for name, roles in meta.permissions.items()},
        "settings": meta.settings.model_json_schema().get("properties", {}),
        "subscribes": sorted(meta.subscribes),
        "events": {event.name: event.version for event in plugin.events},
        "kinds": {kind.name: _kind(kind) for kind in plugin.kinds},
        "tables": {str(table.name): {str(it.name): str(it.type) for it in table.c} for table in own_tables(plugin)},
        "panels": {panel.name: panel.place for panel in plugin.panels if isinstance(panel, Panel)},
        "navigation": sorted(item.path for item in plugin.panels if isinstance(item, NavItem)),
        "jobs": sorted(job.name for job in plugin.jobs),
        "schema": schema_delta(plugins, plugin.name),
    }


def _kind(kind: Kind) -> dict[str, Any]:
    fields = {
        it.name: f"{it.type.value}{f' {it.target}' if it.target else ''}{'!' * it.required}" for it in kind.fields
    }
    return {"coded": kind.coded, "scope": kind.scope, "fields": fields}


def written(contract: Mapping[str, Any]) -> bytes:
    """The contract as it stands in its file."""
    return orjson.dumps(contract, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def compare_contract(subject: Subject, contract: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the committed contract is what the plugin does."""
    way = "dutybook plugin verify --write-contract"
    try:
        committed = orjson.loads(subject.contract.read_bytes())
    except FileNotFoundError:
        zh, en = f"请用 {way} 写出并提交", f"write it by {way}, and commit it"
        yield finding(Code.NO_CONTRACT, subject.contract.name, zh, en)
        return
    except (OSError, orjson.JSONDecodeError) as reason:
        zh, en = f"无法读取：{reason}；请用 {way} 重写", f"it cannot be read: {reason}; write it anew by {way}"
        yield finding(Code.CONTRACT_CHANGED, subject.contract.name, zh, en)
        return
    differing = list(_differences(committed, orjson.loads(written(contract)), ""))
    if differing:
        shown = "; ".join(differing[:NAMED]) + ("; …" if len(differing) > NAMED else "")
        zh, en = (
            f"{shown}；若有意为之，请用 {way} 重写并告知使用者",
            f"{shown}; if it is meant, write it anew by {way} and say so",
        )
        yield finding(Code.CONTRACT_CHANGED, subject.contract.name, zh, en)


def _differences(before: Any, after: Any, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from _differences(before.get(name), after.get(name), f"{place}/{name}")
    elif _unordered(before) != _unordered(after):
        yield f"{place}: {_short(before)} → {_short(after)}"


def _unordered(value: Any) -> Any:
    """Lists in a contract are sets of names."""
    return sorted(value) if isinstance(value, list) and all(isinstance(it, str) for it in value) else value


def _short(value: Any) -> str:
    text = "∅" if value is None else orjson.dumps(value).decode()
    return text if len(text) <= 80 else f"{text[:80]}…"

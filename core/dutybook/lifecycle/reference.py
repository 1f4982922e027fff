"""The reference of hooks and events as Markdown, out of their specifications: nobody has to keep it up to date."""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from dutybook.lifecycle.events import CORE_EVENTS
from dutybook.lifecycle.manifest import API
from dutybook.lifecycle.specs import Specs

NOTHING, OWN = "nothing", "its own tables"

BEGIN, END = "<!-- hooks: written by `make hooks` -->", "<!-- end of hooks -->"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a signature does not say of a hook."""

    when: str
    writes: str = NOTHING
    since: str = "1.0"


LOADING = "while plugins are loaded, before anything else of them is used"
PUBLISHING = "in the publishing transaction and in previews, when the core's rules are content; once for each kind that a set touches"

FACTS: Mapping[str, Facts] = {
    "describe": Facts("first of all, with no settings and no database"),
    "contribute_kinds": Facts(f"{LOADING}, also to migrate"),
    "contribute_models": Facts(f"{LOADING}, also to migrate"),
    "contribute_graphql": Facts("once, when the schema is built"),
    "contribute_routes": Facts("once, when the server is built"),
    "contribute_panels": Facts(LOADING),
    "contribute_jobs": Facts(LOADING),
    "contribute_cli": Facts("when `dutybook <plugin>` is called"),
    "contribute_hookspecs": Facts(LOADING),
    "contribute_demo": Facts("while the demo is loaded, after `on_enable`, up to 60 s", OWN),
    "declare_events": Facts(LOADING),
    "startup": Facts("before the server takes its first request"),
    "shutdown": Facts("after the server's last answer"),
    "check_department": Facts(PUBLISHING),
    "check_position": Facts(PUBLISHING),
    "check_duty": Facts(PUBLISHING),
    "check_employee": Facts(PUBLISHING),
    "check_assignment": Facts(PUBLISHING),
    "check_kind": Facts(PUBLISHING),
    "check_changeset": Facts("when a set is submitted, and after the checks above when it is published or previewed"),
    "check_period_close": Facts("when a month is closed, and when somebody asks what stands against that"),
    "preview_changeset": Facts("at the end of a preview, when the set has been published and before it is taken back"),
    "derive": Facts(
        "last in the publishing transaction, and for each event of periods and of sets that take effect", OWN
    ),
    "on_events": Facts("after the commit, by a worker: up to 500 at once, one by one after a failure", OWN),
    "reset_projection": Facts("by `dutybook plugin rebuild`, before all events are delivered again", OWN),
    "upcast_event": Facts("when an event of yours of an older version is delivered"),
    "on_enable": Facts("by `dutybook db upgrade`, when this database did not have you enabled, up to 60 s", OWN),
    "on_disable": Facts("by `dutybook db upgrade`, when you are named no more, up to 60 s", OWN),
    "on_uninstall": Facts("by `dutybook plugin forget`, up to 60 s", OWN),
    "health": Facts("by `/readyz`, by `plugins { health }` and by `dutybook plugin doctor`"),
}


def hooks() -> Mapping[str, Callable[..., Any]]:
    """Every hook with its specification, in the order of a plugin's life."""
    return {name: spec for name, spec in vars(Specs).items() if not name.startswith("_")}


def reference(examples: Mapping[str, str]) -> str:
    """All hooks, each with an example, then all events of the core."""
    pages = (_page(name, spec, examples[name]) for name, spec in hooks().items())
    return "\n".join([f"Plugin API {API}.", "", *pages, "## Events of the core", "", *_events(), ""])


def _page(name: str, spec: Callable[..., Any], example: str) -> str:
    facts = FACTS[name]
    lines = (
        f"### `{name}`",
        "",
        f"`{name}{signature(spec)}`",
        "",
        inspect.getdoc(spec) or "",
        "",
        f"- called {facts.when}",
        f"- may write {facts.writes}",
        f"- since {facts.since}",
        "",
        "```python",
        example.rstrip(),
        "```",
        "",
    )
    return "\n".join(lines)


def signature(spec: Callable[..., Any]) -> str:
    """A hook as its specification writes it down, with the names of types that `dutybook.api` knows."""
    [written] = ast.parse(dedent(inspect.getsource(spec))).body
    assert isinstance(written, ast.FunctionDef)
    written.args.args = [it for it in written.args.args if it.arg != "self"]
    return f"({ast.unparse(written.args)}) -> {ast.unparse(written.returns) if written.returns else None}"


def _events() -> Iterator[str]:
    yield from ("| aggregate | what may have happened |", "|---|---|")
    for aggregate, verbs in CORE_EVENTS.items():
        yield f"| `{aggregate}` | {', '.join(f'`{verb}`' for verb in verbs)} |"


def between_markers(document: str, text: str) -> str:
    """A document with what stands between its markers written anew."""
    before, _, rest = document.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}"

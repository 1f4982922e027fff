"""Fields: as many statements for many parents as for few, nothing for who may not, and nothing of another time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from strawberry.schema.name_converter import NameConverter

from dutybook.access.actor import OPERATOR, ROLES, Actor, Grant
from dutybook.book.ids import GlobalId, kind_name, type_name
from dutybook.db.head import head
from dutybook.graphql.contributed import Axes, Guard, guard_of
from dutybook.graphql.gifts import schema_with
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.testing.answers import Asking, QueryFailed
from dutybook.testing.verify.findings import Code, Finding, finding
from dutybook.testing.verify.questions import Questions, of_nodes
from dutybook.testing.verify.specimens import MANY, Specimens

FEW = 6
GROWN = (MANY - FEW) // 3
"""How many more statements for many objects than for few are one for each."""

UNLIMITED = {"max_aliases": 10**6, "max_cost": 10**9, "max_tokens": 10**6, "max_depth": 40}
INTERNAL = "INTERNAL"


@dataclass(frozen=True)
class Contributed:
    """One field that a plugin contributes to a type."""

    parent: str
    name: str
    guard: Guard

    @property
    def place(self) -> str:
        """How it is called."""
        return f"{self.parent}.{self.name}"


def contributed(plugins: Plugins, plugin: Loaded) -> list[Contributed]:
    """The guarded fields of a plugin."""
    return [Contributed(parent, name, guard) for parent, name, guard in _given(plugins, plugin) if guard]


def unguarded(plugins: Plugins, plugin: Loaded) -> Iterator[Finding]:
    """The fields that anybody would be answered."""
    for parent, name, guard in _given(plugins, plugin):
        if guard is None:
            zh, en = (
                "请用 dutybook.api.field 或 mutation 并写明权限",
                "make it with dutybook.api.field or mutation and a permission",
            )
            yield finding(Code.UNGUARDED_FIELD, f"{parent}.{name}", zh, en)


def _given(plugins: Plugins, plugin: Loaded) -> Iterator[tuple[str, str, Guard | None]]:
    if "contribute_graphql" in plugin.hooks:
        for parent, fields in plugins.ask(plugin, "contribute_graphql").fields.items():
            yield from ((parent, NameConverter().get_graphql_name(field), guard_of(field)) for field in fields)


class FieldTrial:
    """The contributed fields of one plugin in one book."""

    def __init__(self, specimens: Specimens, plugin: Loaded) -> None:
        self.specimens, self.plugin = specimens, plugin
        self.book = specimens.book.book
        self.asking = Asking(self.book, **UNLIMITED)
        self.fields = contributed(self.book.plugins, plugin)
        self.unasked: list[str] = []
        """Fields that no question was found for."""

    @cached_property
    def questions(self) -> Questions:
        """The questions of the schema with this plugin."""
        schema = schema_with(self.book.kinds, self.book.plugins).graphql
        ids = {kind.name: self._ids(kind.name) for kind in self.book.kinds}
        return Questions(schema, self.plugin.name, ids, self.book.clock.today())

    def _ids(self, kind: str) -> list[str]:
        return [str(GlobalId(type_name(kind), row.key)) for row in self.specimens.lasting(kind)[:MANY]]

    def parents(self, field: Contributed) -> Sequence[str]:
        """Records that the field can be asked of."""
        return self.questions.ids.get(kind_name(field.parent), ())

    def document(self, field: Contributed, parents: Sequence[str], **given: Any) -> str | None:
        """The question, of these parents where the field is one of records."""
        asked = self.questions.field(field.parent, field.name, **given)
        match field.parent:
            case "Query" | "Mutation":
                return f"{field.parent.lower()} {{ it: {asked} }}"
            case "Registry":
                return f"{{ registry {{ it: {asked} }} }}"
            case _:
                return of_nodes(field.parent, parents, asked) if parents else None

    def ask(self, document: str, actor: Actor = OPERATOR) -> dict[str, Any]:
        """The answer, with whatever errors."""
        try:
            return self.asking(document, actor, {}, "en")
        except QueryFailed as failure:
            return {"": failure.codes, **(failure.data or {})}

    def try_answers(self) -> Iterator[Finding]:
        """Every field answers, at the same cost however many parents there are; mutations may refuse."""
        for field in self.fields:
            document = self.document(field, self.parents(field)[:FEW])
            if document is None:
                self.unasked.append(field.place)
                continue
            codes = self.ask(document).get("", ())
            if INTERNAL in codes or "PLUGIN_FAILURE" in codes:
                zh, en = f"错误 {', '.join(codes)}", f"errors {', '.join(codes)}"
                yield finding(Code.FIELD_FAILED, field.place, zh, en)
            elif field.parent != "Mutation":
                yield from self._cost(field)

    def _cost(self, field: Contributed) -> Iterator[Finding]:
        few, many = (self._statements(field, self.parents(field)[:size], size) for size in (FEW, MANY))
        if few is None or many is None or many - few < GROWN:
            return
        # Parents with more below them reach levels that others do not; only a statement for each grows as they do.
        alone = [self._statements(field, [parent], 1) or 0 for parent in self.parents(field)[:MANY]]
        if many - max(alone, default=0) >= GROWN:
            zh, en = (
                f"{FEW} 个对象 {few} 条，{MANY} 个 {many} 条；请用 RowsBy 或自己的 loader",
                f"{few} for {FEW} objects, {many} for {MANY}; load by RowsBy or a loader",
            )
            yield finding(Code.N_PLUS_ONE, field.place, zh, en)

    def _statements(self, field: Contributed, parents: Sequence[str], size: int) -> int | None:
        given = {"first": size} if self.questions.takes(field.parent, field.name, "first") else {}
        document = self.document(field, parents, **given)
        if document is None:
            return None
        self.ask(document)
        return len(self.asking.statements)

    def try_guards(self) -> Iterator[Finding]:
        """Who lacks the permission gets nothing, whatever the role; who has it in one department, nothing of others."""
        for field in self.fields:
            holders = self.book.plugins.holders(field.guard.permission)
            strangers = [_of(role) for role in ROLES if not _of(role).holds(field.guard.permission, holders)]
            for actor in [*strangers, *self._elsewhere(field, strangers, holders)]:
                document = self.document(field, self.parents(field)[:FEW])
                if document and _told(answer := self.ask(document, actor)):
                    zh, en = f"{actor.name} 得到 {str(answer)[:120]}", f"{actor.name} was told {str(answer)[:120]}"
                    yield finding(Code.UNGUARDED_FIELD, field.place, zh, en)

    def _elsewhere(self, field: Contributed, strangers: Sequence[Actor], holders: frozenset[str]) -> Iterator[Actor]:
        """Somebody who may read everything, and holds the permission where none of the parents is."""
        departments = self.specimens.lasting("department")
        used = {row.department for row in self.specimens.lasting("position")[:FEW]}
        empty = next((row.key for row in departments[::-1] if row.key not in used), None)
        roles = [role for role in ROLES if _of(role).holds(field.guard.permission, holders)]
        reads = any(actor.name == "reader" for actor in strangers)
        if field.parent == "Position" and empty and roles and reads:
            yield Actor("somebody of another department", (Grant("reader"), Grant(roles[0], department=empty)))

    def pinned(self) -> dict[str, dict[str, Any]]:
        """What each field answers at this day and this revision, by the document that asks it, for those that know both."""
        with self.specimens.book.session() as session:
            revision = head(session, self.book.tables).revision
        day = self.book.clock.today()
        documents = {}
        for field in (
            it for it in self.fields if it.guard.axes == Axes.BOTH and it.parent not in {"Query", "Mutation"}
        ):
            ids = [str(GlobalId(field.parent, row.key, day, revision)) for row in self._records(field)]
            if document := self.document(field, ids):
                time = f'registry(asOf: "{day}", knownAt: {revision})'
                documents[field.place] = (
                    document.replace("registry", time, 1) if field.parent == "Registry" else document
                )
        return {f"{place} {document}": self.ask(document) for place, document in documents.items()}

    def _records(self, field: Contributed) -> Sequence[Any]:
        kind = kind_name(field.parent)
        return self.specimens.lasting(kind)[:FEW] if kind in self.book.kinds else ()

    def try_times(self, pinned: dict[str, dict[str, Any]]) -> Iterator[Finding]:
        """What was answered of a past time is answered still."""
        for asked, before in pinned.items():
            place, _, document = asked.partition(" ")
            if (after := self.ask(document)) != before:
                was, now = str(before)[:100], str(after)[:100]
                zh = f"声明了两个时间轴，答案却由 {was} 变为 {now}；请按 view.time 读取，或改用 Axes.NOW"
                en = f"it claims both axes, yet {was} became {now}; read by view.time, or say Axes.NOW"
                yield finding(Code.TIME_IGNORED, place, zh, en)


def _of(role: str) -> Actor:
    return Actor(role, (Grant(role),))


def _told(answer: dict[str, Any]) -> bool:
    """Whether an answer tells anything of the field, which is called `it`; user errors tell that nothing was done."""
    found = list(_answers(answer))
    return any(it not in (None, []) and not (isinstance(it, dict) and it.get("userErrors")) for it in found)


def _answers(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict):
        for name, value in answer.items():
            if name == "it":
                yield value
            else:
                yield from _answers(value)

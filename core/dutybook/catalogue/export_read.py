"""Exports read back: JSON or YAML to a roster; whatever is wrong is told with its path."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson
import yaml

from dutybook.book.kinds import Value
from dutybook.book.nouns import CORE
from dutybook.catalogue.decode import decode
from dutybook.catalogue.document import Duty
from dutybook.catalogue.export import FORMAT
from dutybook.catalogue.roster import FIELDS, Department, Position, Roster
from dutybook.errors import BadInput, DutybookError

DEEPEST = 50
"""Departments lie in one another no deeper than this."""

_YAML = re.compile(r"\s*(?:#[^\n]*\n\s*|---\s*\n\s*)*format\s*:")
_ABOUT = ("format", "asOf", "revision", "organisation", "departments")
_HELD = {"department": ("code", "positions", "departments"), "position": ("code", "duties"), "duty": ()}


def roster_from(name: str, data: bytes) -> Roster | None:
    """The roster that an export holds; None where the bytes are no export but perhaps a printed text."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return _roster(name, _json(name, data))
    if b"format" not in start and b"\0" not in start:
        return None
    text = decode(name, data).text
    if text.lstrip().startswith("{"):
        return _roster(name, _json(name, text.encode()))
    return _roster(name, _yaml(name, text)) if _YAML.match(text) else None


def _json(name: str, data: bytes) -> Any:
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as reason:
        where = f"{reason.lineno}:{reason.colno}"
        zh = f"文件「{name}」不是完整的 JSON（{where}：{reason.msg}）。请重新导出，或改正该处。"
        en = f"'{name}' is not whole JSON ({where}: {reason.msg}). Export it again, or correct it there."
        raise BadInput(zh, en, path=(name, reason.lineno)) from reason


def _yaml(name: str, text: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # An alias lets a few lines stand for billions.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, loader)):
            raise BadInput(
                f"文件「{name}」含 YAML 别名（*），请展开。", f"'{name}' has YAML aliases (*); write them out."
            )
        return yaml.load(text, loader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError) as reason:
        mark = getattr(reason, "problem_mark", None)
        where = f"{mark.line + 1}:{mark.column + 1}" if mark else "?"
        what = getattr(reason, "problem", None) or reason
        zh = f"文件「{name}」不是完整的 YAML（{where}：{what}）。请重新导出，或改正该处。"
        en = f"'{name}' is not whole YAML ({where}: {what}). Export it again, or correct it there."
        raise BadInput(zh, en, path=(name, where)) from reason


@dataclass(frozen=True, slots=True)
class Place:
    """A value of the file, with the path to it."""

    value: Any
    path: tuple[str | int, ...]

    def fail(self, zh: str, en: str) -> NoReturn:
        """BadInput at this place."""
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")
        raise BadInput(f"{where}：{zh}", f"{where}: {en}", path=self.path)

    def entries(self, *known: str) -> Mapping[str, Any]:
        """An object that has no other names than these."""
        if not isinstance(self.value, dict):
            self.fail(f"应为对象，而不是 {self.shown}。", f"an object is expected, not {self.shown}.")
        for name in self.value:
            if name not in known:
                listed = ", ".join(known)
                self.at(name).fail(f"没有这一项，可用 {listed}。", f"there is no such entry; use {listed}.")
        return self.value

    def items(self, name: str) -> Iterator["Place"]:
        """The items of a list under a name; a missing list is empty."""
        held = self.at(name)
        if held.value is not None and not isinstance(held.value, list):
            held.fail(f"应为列表，而不是 {held.shown}。", f"a list is expected, not {held.shown}.")
        return (Place(item, (*held.path, index)) for index, item in enumerate(held.value or ()))

    def at(self, name: str) -> "Place":
        """What stands under a name."""
        return Place(self.value.get(name), (*self.path, name))

    def text(self) -> str | None:
        """A text, or nothing."""
        if self.value is not None and not isinstance(self.value, str):
            self.fail(f"应为文字，而不是 {self.shown}。", f"text is expected, not {self.shown}.")
        return self.value or None

    @property
    def shown(self) -> str:
        """The value as a message shows it."""
        return f"{type(self.value).__name__} {str(self.value)[:40]}"


def _roster(name: str, tree: Any) -> Roster:
    root = Place(tree, ())
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        found = tree.get("format") if isinstance(tree, dict) else type(tree).__name__
        Place(tree, ("format",)).fail(
            f"「{name}」不是岗册导出的目录：应为 {FORMAT}，而不是 {found}。",
            f"'{name}' is no exported catalogue: {FORMAT} is expected, not {found}.",
        )
    root.entries(*_ABOUT)
    organisation = root.at("organisation")
    if organisation.value is not None:
        organisation.entries("code", "name")
    return Roster(
        (name,),
        tuple(_Departments(name).read(root)),
        organisation.at("name").text() if organisation.value else None,
        organisation.at("code").text() if organisation.value else None,
        tells_tree=True,
    )


class _Departments:
    """The departments of a tree as a flat list, parents first; codes must not repeat."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[Department] = []
        self._codes: set[tuple[str, str]] = set()

    def read(self, root: Place) -> Sequence[Department]:
        """All of them."""
        for place in root.items("departments"):
            self._department(place, None)
        return self.found

    def _department(self, place: Place, parent: int | None) -> None:
        if len(place.path) > 2 * DEEPEST:
            place.fail(f"部门嵌套超过 {DEEPEST} 层。", f"departments lie deeper than {DEEPEST} in one another.")
        values = _values(place, "department", "name")
        index = len(self.found)
        said = place.value.get("positions")
        positions = tuple(self._position(inner) for inner in place.items("positions"))
        code = self._code(place, "department")
        self.found.append(Department(values, positions, code, parent, implied=said is None))
        for inner in place.items("departments"):
            self._department(inner, index)

    def _position(self, place: Place) -> Position:
        values = _values(place, "position", "title")
        if place.at("duties").value is None:
            place.at("duties").fail("缺少职责列表（可为空列表）。", "the list of duties is missing (it may be empty).")
        duties = [_values(inner, "duty", "text") for inner in place.items("duties")]
        texts = tuple(Duty(no, "", str(duty["text"]), ()) for no, duty in enumerate(duties, start=1))
        extras = {index: {k: v for k, v in duty.items() if k != "text"} for index, duty in enumerate(duties)}
        extras = {index: more for index, more in extras.items() if more}
        return Position(values, texts, self._code(place, "position"), extras, source=self.source)

    def _code(self, place: Place, kind: str) -> str | None:
        code, where = place.at("code").text(), place.at("code")
        if code and (kind, code) in self._codes:
            where.fail(f"编号「{code}」重复。", f"the code '{code}' is there twice.")
        if code:
            self._codes.add((kind, code))
        return code


def _values(place: Place, kind: str, name: str) -> dict[str, Value]:
    """The fields that are said of one record, checked; its name is required."""
    entries = place.entries(*FIELDS[kind], *_HELD[kind])
    fields = CORE[kind].by_name
    values: dict[str, Value] = {}
    for field in (field for field in FIELDS[kind] if field in entries or field == name):
        try:
            values[field] = fields[field].check(entries.get(field))
        except DutybookError as reason:
            place.at(field).fail(reason.message.zh, reason.message.en)
    return values

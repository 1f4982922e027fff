"""What a GraphQL request holds, read from its body or its address."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import orjson

from dutybook.errors import BadInput
from dutybook.http.refusals import HoldsNul


class NotJson(BadInput):
    """The text given for JSON is none."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} 不是合法的 JSON：{reason}。", f"{what} is not valid JSON: {reason}.", path=[what])


class NotOneRequest(BadInput):
    """A body that is JSON, but not one GraphQL request."""

    def __init__(self, found: object) -> None:
        kind = type(found).__name__
        super().__init__(
            f"正文须为一个 JSON 对象 {{query, variables, operationName}}，收到的是 {kind}；不支持成批请求。",
            f"The body must be one JSON object {{query, variables, operationName}}, not a {kind}; "
            "there are no batched requests.",
        )


class WrongParameter(BadInput):
    """A parameter of a GraphQL request that is missing or of the wrong type."""

    def __init__(self, name: str, expected: type, found: object) -> None:
        kind = "null" if found is None else type(found).__name__
        zh, en = ("字符串", "a string") if expected is str else ("对象", "a map")
        super().__init__(f"参数 {name} 应为{zh}，收到的是 {kind}。", f"{name} must be {en}, not {kind}.", path=[name])


class TooDeep(BadInput):
    """JSON nested beyond measure."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"JSON 嵌套超过 {limit} 层。", f"The JSON is nested more than {limit} levels deep.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came beside the request, in the place of a variable."""

    content: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Params:
    """One GraphQL request; `query` is empty where the document is only named by its digest."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    extensions: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str | None:
        """The SHA-256 by which Apollo's clients name a document, in the one version that there is."""
        named = self.extensions.get("persistedQuery")
        known = isinstance(named, dict) and named.get("version") == 1 and isinstance(named.get("sha256Hash"), str)
        return str(named["sha256Hash"]).lower() if named and known else None

    @property
    def fingerprint(self) -> str:
        """The same for requests that ask the same; white space of the JSON and the order of its keys do not count."""
        parts = [self.query, self.variables, self.operation_name]
        return hashlib.sha256(_dumped(parts)).hexdigest()


def from_body(body: bytes, depth: int) -> Params:
    """The request that a POST brings."""
    read = parse_json("body", body, depth)
    if not isinstance(read, dict):
        raise NotOneRequest(read)
    return from_map(read)


def from_address(query: Mapping[str, str], depth: int) -> Params:
    """The request that a GET brings."""
    read: dict[str, Any] = dict(query)
    for name in {"variables", "extensions"} & read.keys():
        read[name] = parse_json(name, read[name].encode(), depth)
    return from_map(read)


def parse_json(what: str, text: bytes, depth: int) -> object:
    """JSON no deeper than `depth`."""
    try:
        read: object = orjson.loads(text)
    except orjson.JSONDecodeError as reason:
        # The message of the reader holds a place, never the text itself.
        raise NotJson(what, reason.msg) from None
    level = _nested([read])
    for _ in range(depth):
        level = _nested(inner for outer in level for inner in outer)
    if level:
        raise TooDeep(depth)
    return read


def _nested(values: Iterable[object]) -> list[Collection[object]]:
    """What holds further values, by what it holds."""
    return [value.values() if isinstance(value, dict) else value for value in values if isinstance(value, dict | list)]


def from_map(read: dict[str, Any]) -> Params:
    """The request that a JSON object describes."""
    given = {name: _demand(read, name, dict) or {} for name in ("variables", "extensions")}
    query = _demand(read, "query", str)
    params = Params(query or "", operation_name=_demand(read, "operationName", str), **given)
    if query is None and params.digest is None:
        raise WrongParameter("query", str, None)
    return params


def _dumped(value: object) -> bytes:
    """JSON with the digests of files in their places."""
    return orjson.dumps(value, attrgetter("digest"), orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS)


def demand_no_nul(params: Params) -> None:
    """HoldsNul where a variable has the one character that PostgreSQL keeps in no text."""
    if b"\\u0000" in _dumped(params.variables):
        for path, text in _texts(("variables",), params.variables):
            if "\0" in text:
                raise HoldsNul(path)


def _texts(path: tuple[str | int, ...], value: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield path, name
            yield from _texts((*path, name), item)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts((*path, place), item)


def _demand(read: dict[str, Any], name: str, kind: type) -> Any:
    value = read.get(name)
    if value is not None and not isinstance(value, kind):
        raise WrongParameter(name, kind, value)
    return value

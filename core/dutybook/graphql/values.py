"""Field values as people read them: references by code, personal values only where they may be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from dutybook.book.ids import GlobalId, type_name
from dutybook.book.kinds import Field, Type, Value
from dutybook.db.personal import clear_values
from dutybook.db.reads import codes
from dutybook.graphql.context import View


async def clear(view: View, digests: Sequence[str]) -> Mapping[str, Value]:
    """Loads the personal values that digests stand for; None where a value was erased or may not be seen."""
    rows = await view.rows(clear_values(view.reading, await view.context.sight()), digests)
    found: dict[str, Value] = dict.fromkeys(digests)
    return found | {row.digest: orjson.loads(row.value) for row in rows}


async def personal(view: View, digests: Sequence[str | None]) -> list[str | None]:
    """Personal values, where they may be read; asked for at once, so that one statement finds them all."""
    if (await view.context.sight()).is_blind:
        return [None] * len(digests)
    asked = [None if digest is None else view.load(clear, digest) for digest in digests]
    values = [None if answer is None else await answer for answer in asked]
    return [None if value is None else _text(value) for value in values]


def _text(value: Value) -> str:
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class CodeOf:
    """Loads what to call each key of a kind: its code, or its id where the kind has none."""

    kind: str

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, str]:
        name = type_name(self.kind)
        plain = {key: str(GlobalId(name, key)) for key in keys}
        if not view.context.book.kinds[self.kind].coded:
            return plain
        rows = await view.rows(codes(view.reading.database, self.kind), keys)
        return plain | {row.key: row.code for row in rows if row.code}


async def shown(view: View, field: Field, value: Value) -> str | None:
    """A field's canonical value as text."""
    if value is None:
        return None
    if field.personal:
        return (await personal(view, [str(value)]))[0]
    if field.type is Type.REFERENCE and isinstance(value, int):
        return await view.load(CodeOf(str(field.target)), value)
    if field.type is Type.REFERENCES and isinstance(value, list):
        return ", ".join(await view.load_all(CodeOf(str(field.target)), (int(str(key)) for key in value)))
    return orjson.dumps(value).decode() if field.type is Type.JSON else _text(value)


async def is_told(view: View, field: Field, *values: str | None) -> bool:
    """Whether a field may be named: a personal one where a value of it is shown, or to whom everybody's are."""
    seen = not field.personal or any(value is not None for value in values)
    return seen or (await view.context.sight()).is_whole

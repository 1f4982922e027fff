"""Field values as people read them: references by code, personal values only for those who may read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from dutybook.book.ids import GlobalId, type_name
from dutybook.book.kinds import Field, Type, Value
from dutybook.db.people import clear_values
from dutybook.db.reads import codes
from dutybook.graphql.context import View


async def clear(view: View, digests: Sequence[str]) -> Mapping[str, Value]:
    """Loads the personal values that digests stand for; None where a value was erased."""
    rows = await view.rows(clear_values(view.reading, digests))
    found: dict[str, Value] = dict.fromkeys(digests)
    return found | {row.digest: orjson.loads(row.value) for row in rows}


async def personal(view: View, digests: Sequence[str | None]) -> list[str | None]:
    """Personal values, for those who may read them; asked for at once, so that one statement finds them all."""
    if not view.context.reads_personal:
        return [None] * len(digests)
    asked = [None if digest is None else view.load(clear, digest) for digest in digests]
    values = [None if answer is None else await answer for answer in asked]
    return [None if value is None else str(value) for value in values]


@dataclass(frozen=True, slots=True)
class CodeOf:
    """Loads what to call each key of a kind: its code, or its id where the kind has none."""

    kind: str

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, str]:
        name = type_name(self.kind)
        plain = {key: str(GlobalId(name, key)) for key in keys}
        if not view.context.book.kinds[self.kind].coded:
            return plain
        rows = await view.rows(codes(view.reading.database, self.kind, keys))
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
    if field.type is Type.JSON:
        return orjson.dumps(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)

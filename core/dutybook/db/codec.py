"""Field values between canonical JSON and the columns of a version table."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from dutybook.book.kinds import Field, Kind, Type, Value

Codec = Callable[[Any], Any]


def _dump(value: Value) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _encoder(field: Field) -> Codec | None:
    match field.type:
        case _ if field.personal:
            return None
        case Type.REFERENCES | Type.JSON:
            return _dump
        case Type.DATE:
            return date.fromisoformat
        case Type.DECIMAL:
            return lambda value: int(Decimal(value).scaleb(field.scale))
        case _:
            return None


def _decoder(field: Field) -> Codec | None:
    match field.type:
        case _ if field.personal:
            return None
        case Type.REFERENCES | Type.JSON:
            return orjson.loads
        case Type.DATE:
            return date.isoformat
        case Type.DECIMAL:
            return lambda value: str(Decimal(value).scaleb(-field.scale))
        case _:
            return None


class RowCodec:
    """Turns the values of one kind into columns and back; only the few fields that need work cost any."""

    def __init__(self, kind: Kind) -> None:
        self.names = tuple(field.name for field in kind.fields)
        self._encoders = {field.name: codec for field in kind.fields if (codec := _encoder(field))}
        self.decoders = {field.name: codec for field in kind.fields if (codec := _decoder(field))}

    def columns(self, values: Mapping[str, Value]) -> list[Any]:
        """The columns of all fields in order."""
        row = [values.get(name) for name in self.names]
        for name, encode in self._encoders.items():
            if (value := values.get(name)) is not None:
                row[self.names.index(name)] = encode(value)
        return row

    def values(self, columns: Mapping[Any, Any]) -> dict[str, Value]:
        """The canonical values of all fields."""
        values = {name: columns[name] for name in self.names}
        for name, decode in self.decoders.items():
            if values[name] is not None:
                values[name] = decode(values[name])
        return values

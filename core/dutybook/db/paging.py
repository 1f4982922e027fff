"""Pages by keyset: a cursor holds the values of the order, so that inserts before it shift nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Subquery, func, select, tuple_


def page(query: Select[Any], order: Sequence[Any], after: Sequence[object] | None, limit: Any) -> Select[Any]:
    """The rows behind a cursor, and one more that tells whether the list goes on."""
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    return query.order_by(*order).limit(limit + 1)


def total(query: Select[Any]) -> Select[Any]:
    """How many rows a query has."""
    return select(func.count()).select_from(query.order_by(None).subquery())


def columns(rows: Subquery, names: Sequence[str]) -> list[Any]:
    """The columns of an order."""
    return [rows.c[name] for name in names]

"""Whose failure it was: the plugin's, which counts against it, or the database's, after which all is tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from dutybook.lifecycle.calling import PluginFailure

OUTAGES = ("08", "25P03", "40", "53", "55P03", "57P", "58")
"""How the codes of PostgreSQL begin: connection lost, lease lost, deadlock, no space, locked, shut down, system error."""

SQLITE_OUTAGES = {5, 6, 8, 10, 13, 14}
"""Busy, locked, read-only, I/O error, disk full, cannot open."""


def outage(error: BaseException | None) -> DBAPIError | None:
    """What the database could not do, whoever asked, if that is what led to an error."""
    while error is not None:
        if isinstance(error, DBAPIError) and _is_outage(error):
            return error
        error = error.__cause__ or error.__context__
    return None


def _is_outage(error: DBAPIError) -> bool:
    state, number = getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorcode", None)
    if state is not None:
        return error.connection_invalidated or str(state).startswith(OUTAGES)
    return error.connection_invalidated or (isinstance(number, int) and number & 0xFF in SQLITE_OUTAGES)


@contextmanager
def judged(plugin: str, hook: str) -> Iterator[None]:
    """PluginFailure also for a transaction that a hook has spoilt; an outage is raised as what it is."""
    try:
        yield
    except PluginFailure as failure:
        if cause := outage(failure):
            raise cause from failure
        raise
    except SQLAlchemyError as error:
        if outage(error):
            raise
        zh, en = "留下了无法提交的事务", "it left a transaction that cannot be committed"
        raise PluginFailure(plugin, hook, zh, en) from error


def reason(failure: PluginFailure) -> str:
    """Why, as it is kept for the operator."""
    zh, en = failure.short
    return f"{failure.hook}：{zh} / {failure.hook}: {en}"

"""What every command works with, and how its failures are told."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import orjson
import typer
from sqlalchemy.exc import OperationalError, ProgrammingError

from dutybook.book.clock import Clock
from dutybook.book.masters import Masters
from dutybook.db.engine import Database
from dutybook.errors import BadInput, DutybookError, Message, Refused
from dutybook.lifecycle.loading import Found, PluginsRefused, kinds_with, load_plugins
from dutybook.lifecycle.plugins import Plugins
from dutybook.services.book import Book
from dutybook.services.refusals import RefusedByRules
from dutybook.settings import PREFIX, Settings, load_settings

REFUSED, WRONG_USE = 1, 2


@dataclass
class Context:
    """Settings, clock, plugins and database, each made when a command first asks for it, so that `--help` needs none.

    `lenient` leaves out plugins that cannot be used, as `--degraded` does; `found` is how to import each plugin, if not by
    its entry point.
    """

    load: Callable[[], Settings] = load_settings
    lenient: bool = False
    found: Found | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings of this process."""
        return self.load()

    @cached_property
    def clock(self) -> Clock:
        """The clock of the enterprise."""
        return Clock(self.settings.timezone)

    @cached_property
    def plugins(self) -> Plugins:
        """The enabled plugins."""
        return self.loaded(self.settings.plugins)

    def loaded(self, names: Sequence[str], *, lenient: bool = False) -> Plugins:
        """Some plugins with their settings."""
        it, leave_out = self.settings, lenient or self.lenient or self.settings.degraded
        return load_plugins(names, it.plugin, found=self.found, degraded=leave_out, deadline=it.hook_seconds)

    def leniently(self) -> "Context":
        """From here on without the plugins that cannot be used."""
        self.lenient = True
        return self

    def degraded(self) -> "Context":
        """What `--degraded` does; it holds for the processes that this one starts, too."""
        os.environ[f"{PREFIX}DEGRADED"] = "1"
        return self.leniently()

    def without(self, unfit: Mapping[str, Message]) -> "Context":
        """The same without some plugins, and without those that cannot do without them."""
        rest = self.loaded([name for name in self.settings.plugins if name not in unfit], lenient=True)
        at = Context(self.load, lenient=True, found=self.found)
        at.plugins = replace(rest, broken={**unfit, **rest.broken})
        return at

    def refuse_broken(self) -> None:
        """PluginsRefused if an enabled plugin was left out, unless the settings allow it: for what was done without it."""
        if self.plugins.broken and not self.settings.degraded:
            raise PluginsRefused(self.plugins.broken)

    @cached_property
    def database(self) -> Database:
        """The database that the settings name, with the kinds of the plugins."""
        return Database(self.settings.database_url, kinds_with(self.plugins))

    @property
    def book(self) -> Book:
        """What services take."""
        masters = Masters.of(self.settings.masters)
        return Book(self.database, self.clock, plugins=self.plugins, masters=masters)


def language() -> str:
    """The language of messages: DUTYBOOK_LANGUAGE, else LANG; Chinese unless one of them says English."""
    return os.environ.get("DUTYBOOK_LANGUAGE") or os.environ.get("LANG") or "zh"


def say(zh: str, en: str) -> None:
    """A message to whoever sits there, apart from the data."""
    typer.echo(en if language().lower().startswith("en") else zh, err=True)


@contextmanager
def failures_told(*, as_json: bool = False) -> Iterator[None]:
    """Ends the command where the block fails as expected: 2 for input that cannot be read, 1 for what is refused."""
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        _end(told_of_database(error), as_json=as_json)
    except DutybookError as error:
        _end(error, as_json=as_json)


def _end(error: DutybookError, *, as_json: bool) -> None:
    message = error.message.pick(language())
    if as_json:
        typer.echo(orjson.dumps({"code": error.code, "message": message, "path": error.path}), err=True)
    else:
        typer.echo(message, err=True)
        if isinstance(error, RefusedByRules) and (ways := _ways_out(error)):
            typer.echo(ways.pick(language()), err=True)
    raise typer.Exit(WRONG_USE if isinstance(error, BadInput) else REFUSED) from error


def _ways_out(error: RefusedByRules) -> Message | None:
    """The options by which objections are overridden or acknowledged; None where there are none."""
    options = {f'--override "{it.name}=…"': None for it in error.objections if it.overridable_by}
    options |= {f"--acknowledge {it.name}": None for it in error.objections if it.severity == "WARN"}
    if not options:
        return None
    told = " ".join(options)
    zh = f"可由有权者说明理由推翻，或确认已知悉：{told}"
    return Message(zh, f"May be overridden with a reason, or acknowledged: {told}")


def told_of_database(error: OperationalError | ProgrammingError) -> DutybookError:
    """What a failure of the database is to whoever sits there."""
    reason = str(error.orig).partition("\n")[0]
    zh = f"数据库无法使用：{reason}。请检查 DUTYBOOK_DATABASE_URL，并运行 dutybook db upgrade。"
    return Refused(
        zh, f"The database cannot be used: {reason}. Check DUTYBOOK_DATABASE_URL, and run dutybook db upgrade."
    )

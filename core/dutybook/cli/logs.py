"""The log of a process, on stderr: readable lines at a terminal, JSON lines anywhere else."""

import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson
import structlog
from structlog.contextvars import merge_contextvars
from structlog.dev import ConsoleRenderer
from structlog.processors import TimeStamper, add_log_level
from structlog.typing import EventDict, Processor

from dutybook.cli.context import say
from dutybook.errors import causes

log = structlog.stdlib.get_logger()


def log_to_stderr() -> None:
    """From here on every line of this process goes there, also what the server beneath and other libraries warn of."""
    watched = _is_watched()
    structlog.configure(
        [merge_contextvars, *(_for_people() if watched else [_line])],
        structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr) if watched else Lines(sys.stderr.buffer),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_OfLibraries()])


def announce(zh: str, en: str, event: str, **told: Any) -> None:
    """What a server or worker tells as it begins: a sentence to whoever sits there, else a line of the log."""
    if _is_watched():
        say(zh, en)
    else:
        log.info(event, **told)


def _is_watched() -> bool:
    return sys.stderr.isatty()


def _for_people() -> list[Processor]:
    return [add_log_level, TimeStamper("%Y-%m-%d %H:%M:%S", utc=False), ConsoleRenderer()]


def _line(_: object, level: str, said: EventDict) -> bytes:
    """One object: when, how bad, what; then the request and all else."""
    line = {"timestamp": datetime.now(UTC), "level": level, "event": said.pop("event"), **said}
    return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


@dataclass(frozen=True, slots=True)
class Lines:
    """Writes lines as they are; one that cannot be written, as on a full disk, is lost, and what it tells of goes on."""

    to: BinaryIO

    def msg(self, line: bytes) -> None:
        """Write a line, whatever its level."""
        try:
            self.to.write(line)
            self.to.flush()
        except OSError:
            return

    debug = info = warning = error = critical = msg


class _OfLibraries(logging.Handler):
    """Passes on what others log: the first line and where it happened. The rest quotes values, and a wage is a value."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on one record."""
        error = record.exc_info[1] if record.exc_info else None
        about: dict[str, Any] = {"logger": record.name, **({"causes": causes(error)} if error else {})}
        tell = log.error if record.levelno >= logging.ERROR else log.warning
        tell(record.getMessage().partition("\n")[0], **about)

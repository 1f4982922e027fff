"""The command line: exit 0 done, 1 refused or failed, 2 wrong use or unreadable input; data on stdout, messages on stderr."""

import gc

import typer

from dutybook.cli.commands import Commands, context_of
from dutybook.cli.logs import log_to_stderr

app = typer.Typer(
    cls=Commands,
    help="岗册：部门、岗位与职责的版本化账册。The versioned book of departments, positions and duties.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _context(context: typer.Context) -> None:
    log_to_stderr()
    context_of(context)


def collect_seldom() -> None:
    """Modules, answers and imports make thousands of objects without cycles; looking for some every 700 takes up to a third of the time.

    Much rarer than this, what tasks and futures leave behind piles up.
    """
    gc.set_threshold(20_000, 10, 10)


def main() -> None:
    """The `dutybook` command."""
    collect_seldom()
    app()

"""The command line: exit 0 done, 1 refused or failed, 2 wrong use or unreadable input; data on stdout, messages on stderr."""

import gc

import typer

from dutybook.cli import (
    authoring,
    book,
    catalogue,
    changes,
    data,
    deliveries,
    documents,
    periods,
    plugins,
    printing,
    server,
    staff,
    staff_import,
    users,
    worker,
)
from dutybook.cli.commands import Commands, context_of
from dutybook.cli.logs import log_to_stderr

app = typer.Typer(
    cls=Commands,
    help="岗册：部门、岗位与职责的版本化账册。The versioned book of departments, positions and duties.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(changes.app, name="changes")
app.add_typer(documents.app, name="document")
app.add_typer(periods.app, name="period")
app.add_typer(staff.app, name="staff")
app.add_typer(users.users, name="user")
app.add_typer(users.tokens, name="token")
app.add_typer(data.database, name="db")
app.add_typer(data.schema, name="schema")
app.add_typer(plugins.app, name="plugin")
staff.app.command("import")(staff_import.import_table)
changes.app.command("print")(printing.print_set)
catalogue.app.command("sheet")(printing.print_sheet)
plugins.app.command("new")(authoring.new)
plugins.app.command("verify")(authoring.verify_plugin)
plugins.app.command("trace")(deliveries.trace)
plugins.app.command("retry")(deliveries.retry)
plugins.app.command("skip")(deliveries.skip)
plugins.app.command("rebuild")(deliveries.rebuild)
app.command("serve")(server.serve)
app.command("worker")(worker.worker)
app.command("demo")(server.demo)
app.command("query")(book.query)
app.command("verify-book")(book.verify_book)
app.command("doctor")(book.doctor)
app.command("generate")(data.generate)


@app.callback()
def _context(context: typer.Context) -> None:
    log_to_stderr()
    context_of(context)


def collect_seldom() -> None:
    """Answers and imports make thousands of objects without cycles; looking for some every 700 takes a third of the time.

    Much rarer than this, what tasks and futures leave behind piles up.
    """
    gc.set_threshold(20_000, 10, 10)


def main() -> None:
    """The `dutybook` command."""
    collect_seldom()
    app()

"""`dutybook schema`: the contract that portals rely on."""

import typer

from dutybook.book.nouns import CORE
from dutybook.graphql.schema import build_schema

schema = typer.Typer(no_args_is_help=True)


@schema.command("print")
def print_schema() -> None:
    """输出 SDL / Print the schema as SDL."""
    typer.echo(build_schema(CORE).as_str())

"""Runs the migrations of one owner over the connection it is given; there is no alembic.ini."""

from typing import Any

from alembic import context

from dutybook.db.stamps import Stamp


def rendered(kind: str, item: Any, _: object) -> Any:
    """Moments are written into migrations as what they are in the database, so that those need no code of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Stamp) else False


config = context.config
context.configure(
    connection=config.attributes["connection"],
    render_item=rendered,
    **config.attributes["options"],
)
with context.begin_transaction():
    context.run_migrations()

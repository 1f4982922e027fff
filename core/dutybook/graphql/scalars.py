"""Days and moments as the schema writes them; a value that cannot be read is told with the form that is wanted."""

from datetime import UTC, date, datetime

import strawberry

from dutybook.book.times import parse_day
from dutybook.errors import BadInput


def _read_day(value: object) -> date:
    return parse_day(str(value)) if isinstance(value, str) else _refuse(value)


def _refuse(value: object) -> date:
    zh = f'「{value}」不是日期。请写成 "2026-03-01" 的形式。'
    raise BadInput(zh, f'{value!r} is not a day. Write it like "2026-03-01".')


def _read_moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as reason:
        zh = f"「{value}」不是有效的时刻（{reason}）。请写成 2026-03-01T08:00:00Z 的形式。"
        raise BadInput(zh, f"'{value}' is not a moment ({reason}). Write it like 2026-03-01T08:00:00Z.") from reason


DATE = strawberry.scalar(
    name="Date",
    description="日期，写作 2026-03-01。 A day, written 2026-03-01.",
    specified_by_url="https://scalars.graphql.org/andimarek/local-date",
    serialize=date.isoformat,
    parse_value=_read_day,
)
DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="时刻，带时区，写作 2026-03-01T08:00:00Z。 A moment with its zone, written 2026-03-01T08:00:00Z.",
    specified_by_url="https://scalars.graphql.org/andimarek/date-time",
    serialize=datetime.isoformat,
    parse_value=_read_moment,
)
SCALARS: dict[object, strawberry.types.scalar.ScalarDefinition] = {date: DATE, datetime: DATE_TIME}

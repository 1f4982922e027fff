"""Days, moments and files as the schema has them; a value that cannot be read is told with the form that is wanted."""

from datetime import UTC, date, datetime

import strawberry

from dutybook.book.times import parse_day
from dutybook.errors import BadInput
from dutybook.graphql.describe import both
from dutybook.http.params import Upload


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


def _read_upload(value: object) -> Upload:
    if not isinstance(value, Upload):
        zh = "文件须作为 multipart/form-data 的一部分上传，变量中写 null。"
        raise BadInput(zh, "A file must come as a part of multipart/form-data, with null in the variables.")
    return value


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
UPLOAD = strawberry.scalar(
    name="Upload",
    description=both(
        "随请求上传的文件（GraphQL multipart request）；变量中写 null，由表单的 map 指明其位置。",
        "A file that comes with the request (GraphQL multipart request): null in the variables, where the form's map puts it.",
    ),
    specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
    parse_value=_read_upload,
)
SCALARS: dict[object, strawberry.types.scalar.ScalarDefinition] = {date: DATE, datetime: DATE_TIME, Upload: UPLOAD}

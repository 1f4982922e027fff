"""`dutybook toll roster`: a roster from a CSV file, whole or not at all."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from dutybook.api import OPERATOR, BadInput, DutybookError, Message, Refused, transaction, zone
from dutybook_toll.roster import Wanted, roster

app = typer.Typer(help="收费站 / Toll stations", no_args_is_help=True)

HEADINGS: Mapping[str, str] = {
    "车道": "lane",
    "岗位": "position",
    "工号": "employee",
    "开始": "begins_at",
    "结束": "ends_at",
}
"""The columns, by their Chinese names; the English ones are taken as well."""

SHOWN = 20
"""How many wrong rows are told one by one."""


class UnreadableRoster(BadInput):
    """A file that is no roster."""

    def __init__(self, path: Path, zh: str, en: str) -> None:
        super().__init__(f"无法读取「{path}」：{zh}。", f"'{path}' cannot be read: {en}.", path=["file"])


class NotAMoment(BadInput):
    """A cell that holds no moment."""

    def __init__(self, text: str, place: str) -> None:
        zh = f"「{text[:40]}」不是时刻；请写成 2026-03-01 08:00 的形式。"
        super().__init__(zh, f"'{text[:40]}' is not a moment; write it like 2026-03-01 08:00.", path=[place])


class RosterRefused(Refused):
    """Every row that was refused, by its line; nothing was stored."""

    code = "TOLL_ROSTER_REFUSED"

    def __init__(self, wrong: Mapping[int, Message]) -> None:
        first = list(wrong.items())[:SHOWN]
        more = len(wrong) - len(first)
        zh = "\n".join(f"第 {line} 行：{message.zh}" for line, message in first)
        en = "\n".join(f"line {line}: {message.en}" for line, message in first)
        zh, en = (f"{zh}\n另有 {more} 行", f"{en}\nand {more} more lines") if more else (zh, en)
        super().__init__(f"{zh}\n什么也没有存储。", f"{en}\nNothing was stored.", path=["file"])


@app.callback()
def toll() -> None:
    """收费站 / Toll stations: a callback, so that the one command keeps its name."""


@app.command("roster")
def import_roster(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CSV：车道,岗位,工号,开始,结束 / lane,position,employee,begins_at,ends_at")
    ],
) -> None:
    """从 CSV 排班，整份存入或全不存 / Roster from a CSV file, whole or not at all."""
    rows = list(_read(file))
    with transaction(context, "toll") as session:
        _store(session, rows)
    typer.echo(len(rows))


def _store(session: Session, rows: Iterable[tuple[int, Mapping[str, str]]]) -> None:
    wrong: dict[int, Message] = {}
    for line, row in rows:
        try:
            roster(session, OPERATOR, _wanted(row, zone(session)))
        except DutybookError as reason:
            wrong[line] = reason.message
    if wrong:
        raise RosterRefused(wrong)


def _wanted(row: Mapping[str, str], here: tzinfo) -> Wanted:
    begins_at, ends_at = (_moment(row[name], name, here) for name in ("begins_at", "ends_at"))
    return Wanted(row["lane"], row["position"], row["employee"], begins_at, ends_at)


def _moment(text: str, place: str, here: tzinfo) -> datetime:
    """A moment in the enterprise's own time, unless it names its offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as reason:
        raise NotAMoment(text, place) from reason
    return moment if moment.tzinfo else moment.replace(tzinfo=here)


def _read(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows with their lines, columns by their English names."""
    reader = csv.DictReader(StringIO(_text(path), newline=""))
    names = [HEADINGS.get(name.strip(), name.strip()) for name in reader.fieldnames or ()]
    if missing := [f"{zh} ({en})" for zh, en in HEADINGS.items() if en not in names]:
        all_of = "、".join(missing)
        raise UnreadableRoster(path, f"缺少列 {all_of}", f"it lacks the columns {all_of}")
    reader.fieldnames = names
    for row in reader:
        yield reader.line_num, {name: (row.get(name) or "").strip() for name in HEADINGS.values()}


def _text(path: Path) -> str:
    """UTF-8 or GB18030, as spreadsheets write it."""
    try:
        content = path.read_bytes()
    except OSError as reason:
        raise UnreadableRoster(path, str(reason.strerror), str(reason.strerror)) from reason
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as reason:
        raise UnreadableRoster(path, "既非 UTF-8 也非 GB18030", "it is neither UTF-8 nor GB18030") from reason

"""A roster from a CSV file is stored whole or not at all, and every wrong row is told."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from dutybook_toll.commands import RosterRefused, app
from dutybook_toll.models import Shift
from toll_station import NOON, Station
from typer.testing import CliRunner, Result

from dutybook.api import BadInput

GOOD = "车道,岗位,工号,开始,结束\nL0001,P0001,E0001,2026-03-11 08:00,2026-03-11 16:00\n"


def roster(station: Station, path: Path, content: bytes) -> Result:
    """Calls the command as dutybook would."""
    path.write_bytes(content)
    return CliRunner().invoke(app, ["roster", str(path)], obj=SimpleNamespace(book=station.book.book))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_roster_is_read_as_spreadsheets_write_it(station: Station, tmp_path: Path, encoding: str) -> None:
    done = roster(station, tmp_path / "roster.csv", GOOD.encode(encoding))
    assert (done.exit_code, done.stdout) == (0, "1\n")
    [shift] = station.book.rows(Shift)
    assert (shift.begins_at, shift.rostered_by) == (NOON.replace(day=11, hour=0), "operator")


def test_english_headings_and_offsets_are_read_too(station: Station, tmp_path: Path) -> None:
    row = "L0001,P0001,E0001,2026-03-11T00:00Z,2026-03-11T08:00Z"
    done = roster(station, tmp_path / "r.csv", f"lane,position,employee,begins_at,ends_at\n{row}\n".encode())
    assert done.exit_code == 0
    assert station.book.rows(Shift)[0].begins_at == NOON.replace(day=11, hour=0)


def test_every_wrong_row_is_told_and_nothing_is_stored(station: Station, tmp_path: Path) -> None:
    wrong = "L0001,P0001,E0002,2026-03-11 09:00,2026-03-11 10:00\nL0002,P0001,E0002,明天,2026-03-11 10:00\n"
    done = roster(station, tmp_path / "roster.csv", (GOOD + wrong).encode())
    assert isinstance(done.exception, RosterRefused)
    assert "line 3" in done.exception.message.en
    assert "第 4 行：「明天」不是时刻" in done.exception.message.zh
    assert station.book.rows(Shift) == []


def test_a_file_without_a_column_is_told_which_one(station: Station, tmp_path: Path) -> None:
    done = roster(station, tmp_path / "roster.csv", "车道,岗位,工号,开始\n".encode())
    assert isinstance(done.exception, BadInput)
    assert "结束 (ends_at)" in done.exception.message.en


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["roster", str(tmp_path / "none.csv")], obj=None)
    assert isinstance(done.exception, BadInput)

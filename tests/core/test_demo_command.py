"""`dutybook demo` and the database that it is given."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dutybook.access.actor import OPERATOR
from dutybook.cli import app
from dutybook.services.accounts import create_user, list_users
from tests.backends import Sqlite
from tests.core.access_company import small_book


@pytest.mark.parametrize("named_by", ["setting", "option"])
def test_the_demo_leaves_a_book_alone_that_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named_by: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with small_book(Sqlite(tmp_path)) as book:
        with book.database.write() as session:
            create_user(session, book, OPERATOR, "li", [])
        url = book.database.url.render_as_string()
        monkeypatch.setenv("DUTYBOOK_DATABASE_URL", url if named_by == "setting" else "sqlite:///another.db")
        refused = CliRunner().invoke(app, ["demo", *([f"--database-url={url}"] if named_by == "option" else [])])
        assert (refused.exit_code, url in refused.stderr) == (1, True), refused.output
        with book.database.read() as session:
            assert [user.name for user in list_users(session, book, OPERATOR)] == ["li"]
    assert not Path("another.db").exists()

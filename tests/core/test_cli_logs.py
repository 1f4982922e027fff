"""The log of a server or a worker that nobody watches: a JSON object a line, and in it nothing that quotes a value."""

import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog
from structlog.contextvars import bound_contextvars

from dutybook.cli.logs import log_to_stderr

WAGE = "12345.67"


@pytest.fixture(autouse=True)
def _logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = structlog.get_config()
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log_to_stderr()
    yield
    structlog.configure(**before)


def test_what_we_and_what_libraries_log_are_lines_of_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    with bound_contextvars(request_id="r-17"):
        structlog.stdlib.get_logger().info("answered", route="/graphql", status=200)
    try:
        raise ValueError(WAGE)
    except ValueError:
        logging.getLogger("library").exception("Exception in ASGI application\nof %s", WAGE)
    logging.getLogger("library").info("GET /graphql?variables=%s", WAGE)
    out, err = capsys.readouterr()
    answered, failed = [orjson.loads(line) for line in err.splitlines()]
    assert [*answered] == ["timestamp", "level", "event", "route", "status", "request_id"]
    assert answered["timestamp"].endswith("Z")
    assert (answered["level"], answered["event"], answered["request_id"]) == ("info", "answered", "r-17")
    assert (failed["level"], failed["event"]) == ("error", "Exception in ASGI application")
    assert failed["causes"][0]["type"] == "ValueError"
    assert (out, WAGE in err) == ("", False)

"""Whether the server lives, is ready, counts; and the console."""

import re

import pytest

from tests.flow.http_server import Server, serving, well


async def behind() -> str | None:
    return "at revision 3, head is 4"


async def broken() -> str | None:
    raise ConnectionError("postgresql://secret@host")


def test_a_living_server_says_so(server: Server) -> None:
    assert server.get("/livez").json() == {"alive": True}


def test_a_server_is_ready_when_every_check_is_well(server: Server) -> None:
    answer = server.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "checks": {"database": {"ok": True, "detail": None}}},
    )


def test_a_server_that_is_not_ready_names_what_is_wrong() -> None:
    with serving(checks={"database": broken, "migrations": behind, "assets": well}) as server:
        answer = server.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["checks"] == {
        "database": {"ok": False, "detail": "ConnectionError"},
        "migrations": {"ok": False, "detail": "at revision 3, head is 4"},
        "assets": {"ok": True, "detail": None},
    }


def test_requests_and_operations_are_counted(server: Server) -> None:
    server.post("{ broken }")
    server.get("/nothing/at/all")
    text = server.get("/metrics").text
    assert 'dutybook_http_requests_total{method="POST",route="/graphql",status="200"}' in text
    assert 'dutybook_http_requests_total{method="GET",route="other",status="404"}' in text
    assert 'dutybook_graphql_operations_total{kind="query",outcome="INTERNAL"}' in text
    assert "nothing/at/all" not in text


def test_the_console_loads_nothing_from_elsewhere(server: Server) -> None:
    page = server.get("/graphiql")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert [server.get(f"/{file}").status_code for file in files] == [200] * 3
    assert not re.search(r"https?://|<style|style=|onclick=", page.text)


@pytest.mark.parametrize("file", ["console.css", "console.js"])
def test_the_files_of_the_console_name_no_other_host(server: Server, file: str) -> None:
    assert "://" not in server.get(f"/graphiql/{file}").text


def test_the_console_says_everything_in_both_languages(server: Server) -> None:
    page = server.get("/graphiql").text
    chinese = re.findall(r">([^<>]*[\u4e00-\u9fff][^<>]*)</(?:span|label|button|h2)>", page)
    assert len(chinese) == len(re.findall(r'data-en="', page))

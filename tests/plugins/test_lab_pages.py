"""Pages and panels of plugins stand under their name, for whoever is signed in; one that fails leaves the page whole."""

from collections.abc import Iterator

import pytest

from tests.backends import Backend
from tests.flow.graphql_book import fill
from tests.plugins.lab import lab
from tests.plugins.served import Served, served


@pytest.fixture(scope="module")
def server(backend: Backend) -> Iterator[Served]:
    with backend.database(fill) as url, lab(url) as asking, served(asking.book) as running:
        yield running


@pytest.fixture(scope="module")
def position(server: Served) -> str:
    return str(server.ask('{ registry { position(code: "P0001") { key } } }')["registry"]["position"]["key"])


def test_a_page_of_a_plugin_knows_who_asks(server: Served) -> None:
    assert server.get("/x/lab/page").text == "editor"


@pytest.mark.parametrize("path", ["/x/lab/page", "/x/lab/panels/notes?key=x"])
def test_nobody_unknown_sees_pages_of_plugins(server: Served, path: str) -> None:
    answer = server.get(path, role=None)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_a_panel_is_a_fragment_about_a_record(server: Served, position: str) -> None:
    answer = server.get(f"/x/lab/panels/notes?key={position}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.text.startswith('<section class="panel"><h2>笔记</h2><p>&lt;')


def test_a_panel_that_raises_is_a_box_that_says_so_and_no_more(server: Served, position: str) -> None:
    answer = server.get(f"/x/lab/panels/notes?key={position}", **{"Accept-Language": "en"})
    assert (answer.status_code, "cannot be shown" in answer.text, "12345" in answer.text) == (200, True, False)


def test_a_panel_needs_its_permission(server: Served, position: str) -> None:
    answer = server.get(f"/x/lab/panels/notes?key={position}", role="approver")
    assert (answer.status_code, "lab.read" in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("?key=nonsense", 400), ("?key=UG9zaXRpb246OTk5OQ==", 404), ("?asOf=gestern", 400)],
)
def test_a_panel_about_nothing_is_refused(server: Served, query: str, status: int) -> None:
    assert server.get(f"/x/lab/panels/notes{query}").status_code == status


def test_a_plugin_that_was_not_asked_about_is_not_there(server: Served) -> None:
    assert server.get("/x/other/page").status_code == 404


def test_readiness_names_each_plugin(server: Served) -> None:
    answer = server.get("/readyz", role=None).json()
    assert "plugin:lab" in answer["checks"]


def test_the_metrics_tell_what_hooks_cost(server: Served) -> None:
    assert 'dutybook_hook_calls_total{hook="describe",plugin="lab"}' in server.get("/metrics", role=None).text

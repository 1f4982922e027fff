"""Errors: expected ones are told with a code, unexpected ones only by the number of the request."""

import httpx
import pytest
from structlog.testing import capture_logs

from tests.flow.http_server import Server

WAGE = "12345.67"


def test_an_expected_error_has_its_own_code_and_place(server: Server) -> None:
    answer = server.post("mutation { refuse }").json()
    [error] = answer["errors"]
    assert answer["data"] == {"refuse": None}
    assert (error["path"], error["extensions"]) == (["refuse"], {"code": "REFUSED", "path": ["input", "code"]})


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "无权查看工资。"),
        ("en-GB,en;q=0.9", "Wages are not for you."),
        ("*", "无权查看工资。 / Wages are not for you."),
    ],
)
def test_an_error_speaks_the_language_of_the_client(server: Server, language: str, message: str) -> None:
    [error] = server.post("{ forbidden }", accept_language=language).json()["errors"]
    assert (error["message"], error["extensions"]) == (message, {"code": "FORBIDDEN"})


def test_a_permission_of_strawberry_keeps_its_code(server: Server) -> None:
    [error] = server.post("{ secret }").json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("not for you", "FORBIDDEN")


def test_an_unexpected_error_is_told_by_the_number_of_its_request(server: Server) -> None:
    answer = server.post("{ broken }", x_request_id="r-17")
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]) == (200, {"code": "INTERNAL", "requestId": "r-17"})
    assert WAGE not in answer.text


@pytest.mark.parametrize("change", ["{}", "{ retitle: $t }", '{ retitle: "a", regrade: SENIOR }'])
def test_an_input_that_is_not_exactly_one_thing_is_the_clients_fault(server: Server, change: str) -> None:
    variables = "($t: String)" if "$t" in change else ""
    [error] = server.post(f"mutation {variables} {{ change(change: {change}) }}").json()["errors"]
    assert error["extensions"]["code"] in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("change", "place"), [({"retitle": "a\0"}, ["retitle"]), ([{"a": ["b", "\0"]}], ["0", "a", "1"])]
)
def test_what_no_database_keeps_is_refused_at_its_place(server: Server, change: object, place: list[str]) -> None:
    [error] = server.post("mutation ($c: Change!) { change(change: $c) }", {"c": change}).json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "path": ["variables", "c", *place]}
    [error] = server.post('mutation { change(change: { retitle: "\\u0000" }) }').json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_a_failing_leaf_is_no_fault_of_the_client(server: Server) -> None:
    [error] = server.post("{ tooBig }").json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"


def test_a_crash_outside_graphql_is_a_problem_document(server: Server) -> None:
    answer = server.get("/crash", headers={"X-Request-ID": "r-18"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert (answer.json()["code"], answer.json()["requestId"]) == ("INTERNAL", "r-18")
    assert WAGE not in answer.text


def test_neither_values_nor_documents_reach_the_log(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs:
        server.post(f'query Canary {{ broken echo(text: "{WAGE}") }}')
        server.post("query($t: String!) { echo(text: $t) }", {"t": [WAGE, "Canary"]})
        server.get("/crash", params={"query": "Canary"})
    told = repr(logs) + "".join(capfd.readouterr())
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["resolver failed", "request failed"]
    assert "RuntimeError" in told
    assert not [word for word in (WAGE, "Canary", "月薪") if word in told]


@pytest.mark.parametrize(("path", "status", "code"), [("/nothing", 404, "NOT_FOUND"), ("/missing", 404, "NOT_FOUND")])
def test_what_is_not_there_is_a_problem_document(server: Server, path: str, status: int, code: str) -> None:
    answer = server.get(path)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["title"], problem["code"]) == (status, "Not Found", code)
    assert problem["requestId"] == answer.headers["x-request-id"]


def test_a_route_refuses_methods_it_does_not_take(server: Server) -> None:
    answer = httpx.post(f"{server.url}/livez")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("x" * 65, False), ("a b", False), ("", False)])
def test_a_request_number_is_kept_if_it_is_harmless(server: Server, given: str, kept: bool) -> None:
    answer = server.get("/livez", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept


@pytest.mark.parametrize("path", ["/livez", "/nothing", "/crash", "/graphiql", "/graphql"])
def test_every_answer_carries_security_headers(server: Server, path: str) -> None:
    headers = server.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]

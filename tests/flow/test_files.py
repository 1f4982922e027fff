"""Scans: uploaded by their bytes, named by documents, shown to those who may see these, and checked against their digests."""

import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.clock import FrozenClock
from dutybook.book.ids import GlobalId
from dutybook.errors import DutybookError, NotFound
from dutybook.services.book import Book
from dutybook.services.changesets import rest_on
from dutybook.services.files import Sweeping, damaged, keep_file, measured, shown_file
from dutybook.services.references import key_of
from tests.flow.clerk import Clerk, committed, founded, opened
from tests.plugins.served import Served, served

LIMIT = 3_000_000
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 9_000  # three parts of a file
"""Beyond one part, so that it is put together again."""

PNG = b"\x89PNG\r\n\x1a\n" + b"scan" * 10
MINUTES = "会议纪要：第 3 号.pdf"


def archive(*members: str, size: int = 10) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as it:
        for member in members:
            it.writestr(member, b"0" * size)
    return packed.getvalue()


def stored(session: Session, book: Book, content: bytes) -> str:
    """Keeps a file without HTTP, and gives its digest."""
    file = measured(BytesIO(content))
    assert file is not None
    keep_file(session, book, OPERATOR, file, BytesIO(content))
    return file.digest


class Desk:
    """A served book, and what is done at it over HTTP."""

    def __init__(self, at: Served, book: Book) -> None:
        self.at, self.book = at, book

    def upload(self, content: Any, role: str | None = "editor", **headers: str) -> httpx.Response:
        signed = {"Authorization": f"Bearer {self.at.tokens[role]}"} if role else {}
        sent = {**signed, "Accept-Language": "en", **{name.replace("_", "-"): it for name, it in headers.items()}}
        return httpx.post(f"{self.at.url}/files", content=content, headers=sent, timeout=60, verify=False)

    def get(self, digest: str, role: str | None = "reader", **headers: str) -> httpx.Response:
        return self.at.get(f"/files/{digest}", role, **headers)

    def seen(self, digest: str) -> list[str | None]:
        """Which of them get a file, whom nobody knows among them."""
        return [role for role in (None, "reader", "editor") if self.get(digest, role).status_code == 200]

    def document(self, content: bytes, name: str = MINUTES, **words: Any) -> str:
        """Publishes a document that names a scan, and gives the digest."""
        digest: str = self.upload(content).json()["digest"]
        with committed(self.book) as clerk:
            clerk.apply({"openDocument": {"title": "通知", **words, "scans": [{"digest": digest, "name": name}]}})
        return digest

    def files(self) -> int:
        table = self.book.tables["file"]
        with self.book.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture(scope="module")
def desk(backend: Any) -> Iterator[Desk]:
    with (
        backend.database(founded) as url,
        opened(url) as book,
        served(book, anonymous_role="reader", file_limit=LIMIT) as at,
    ):
        yield Desk(at, book)


def test_the_same_bytes_are_one_file_however_often_and_by_however_many_they_are_sent(desk: Desk) -> None:
    content, before = PDF + b"same", desk.files()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.upload(content), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    told = {"digest": sha256(content).hexdigest(), "size": len(content), "mediaType": "application/pdf"}
    assert all(answer.json() == told for answer in answers)
    assert desk.files() == before + 1


def test_a_scan_comes_back_as_it_was_and_cannot_act_in_a_page(desk: Desk) -> None:
    digest = desk.document(PDF, classification="PUBLIC")
    answer = desk.get(digest)
    assert answer.content == PDF
    headers = answer.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-disposition"].startswith("attachment; ")
    assert headers["content-disposition"].endswith(f"filename*=UTF-8''{quote(MINUTES, safe='')}")
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert (headers["x-content-type-options"], headers["cross-origin-resource-policy"]) == ("nosniff", "same-origin")
    assert headers["cache-control"] == "private, max-age=31536000, immutable"
    again = desk.get(digest, **{"If-None-Match": headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = httpx.head(answer.url, headers=answer.request.headers)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(PDF)), b"")


def test_a_name_gets_the_ending_of_what_the_bytes_are(desk: Desk) -> None:
    digest = desk.document(PNG, name="页面.exe", classification="PUBLIC")
    assert quote("页面.exe.png", safe="") in desk.get(digest).headers["content-disposition"]


@pytest.mark.parametrize(
    ("classification", "roles"),
    [("PUBLIC", [None, "reader", "editor"]), ("INTERNAL", ["reader", "editor"]), (None, ["reader", "editor"]), ("SECRET", ["editor"])],
)  # fmt: skip
def test_a_scan_and_its_document_are_for_those_whom_the_classification_lets(
    desk: Desk, classification: str | None, roles: list[str | None]
) -> None:
    number = f"密〔2026〕{classification}号"
    digest = desk.document(PDF + number.encode(), number=number, classification=classification)
    assert desk.seen(digest) == roles
    query = "query($n: String!) { registry { document(number: $n) { title scans { digest size mediaType url } } } }"
    for role in ("reader", "editor"):
        found = desk.at.ask(query, role, n=number)["registry"]["document"]
        assert (found is not None) == (role in roles)
    absent = desk.get("0" * 64, None)
    if None not in roles:
        hidden = desk.get(digest, None)
        assert hidden.status_code == absent.status_code == 404
        assert hidden.json()["detail"].replace(digest, "") == absent.json()["detail"].replace("0" * 64, "")


def test_what_becomes_secret_is_so_for_its_past_in_changes_history_feed_and_files(desk: Desk) -> None:
    digest = desk.document(PDF + b"closed", title="并购方案", classification="PUBLIC")
    assert desk.seen(digest) == [None, "reader", "editor"]
    with committed(desk.book) as clerk:
        revision = clerk.head.revision
        key = clerk.in_force("document")[-1]["key"]
        clerk.apply({"setDocument": {"document": key, "classification": "SECRET"}}, on=clerk.book.clock.today())
    assert desk.seen(digest) == ["editor"]
    resting = (
        "query($d: ID!) { registry { dutiesRestingOn(document: $d) { totalCount } }"
        " changeSets(filter: { document: $d }) { totalCount } }"
    )
    with committed(desk.book) as clerk:
        duty, document = clerk.id("duty", 5), str(GlobalId("Document", key))
        draft = clerk.draft({"setDuty": {"duty": duty, "documents": [document]}}, on=clerk.book.clock.today())
        rest_on(clerk.session, clerk.book, OPERATOR, draft, key)
        clerk.publish(draft)
    for role, count in (("editor", 1), ("reader", 0)):
        assert str(desk.at.ask(resting, role, d=document)).count(f"'totalCount': {count}") == 2
    query = (
        "query($r: Int!) { registry(knownAt: $r) { documents(first: 200) { edges { node { title } } }"
        ' of: documents(filter: { text: "并购" }, first: 2) { edges { node {'
        " history(first: 2) { totalCount edges { node { attributes { value } } } } } } } }"
        " revisions(first: 5) { edges { node { changeSet { changes { summary attributes { after } } } } } } }"
    )
    told = desk.at.ask(query, "editor", r=revision)
    for part in (told["registry"]["documents"], told["registry"]["of"], told["revisions"]):
        assert "并购方案" in str(part)
    assert "并购方案" not in str(desk.at.ask(query, "reader", r=revision))


def test_whoever_names_a_document_that_is_not_for_them_learns_no_more_than_of_one_that_is_not_there(
    clerk: Clerk,
) -> None:
    clerk.apply({"openDocument": {"title": "密件", "number": "密〔2026〕1号", "classification": "SECRET"}})
    local = Actor("local", (Grant("editor", None, clerk.key("department", "D001")),))
    duty, document = clerk.id("duty", 5), clerk.id("document", 0)
    refusals = set()
    for named in ("密〔2026〕1号", "密〔2026〕2号", document, str(GlobalId("Document", 10**6))):
        with pytest.raises(NotFound) as said:
            clerk.draft({"setDuty": {"duty": duty, "documents": [named]}}, by=local)
        with pytest.raises(NotFound) as given:
            key_of(clerk.session, clerk.book, "document", named, local)
        refusals |= {re.sub("「.*?」|'.*?'", "…", str(refusal.value)) for refusal in (said, given)}
    assert len(refusals) == 2
    assert clerk.draft({"setDuty": {"duty": duty, "documents": [document]}})


def test_a_proposed_scan_is_for_those_who_work_on_proposals(desk: Desk) -> None:
    digest = desk.upload(PDF + b"proposed").json()["digest"]
    assert desk.seen(digest) == []
    secret = desk.upload(PDF + b"secret draft").json()["digest"]
    with committed(desk.book) as clerk:
        clerk.draft({"openDocument": {"title": "拟发", "scans": [{"digest": digest, "name": "a"}]}})
        words = {"title": "密件", "classification": "SECRET", "scans": [{"digest": secret, "name": "b"}]}
        clerk.draft({"openDocument": words})
    assert (desk.seen(digest), desk.seen(secret)) == (["editor"], ["editor"])
    local = Actor("local", (Grant("editor", None, 1),))
    with desk.book.database.read() as session:
        assert shown_file(session, desk.book, local, digest).name == "a.pdf"
        with pytest.raises(NotFound):
            shown_file(session, desk.book, local, secret)


HOSTILE: dict[str, tuple[Any, int]] = {
    "empty": (b"", 400),
    "no form": (b"MZ\x90\x00 this is a program", 415),
    "markup named as a scan": (b"<html><script>alert(1)</script>%PDF-", 415),
    "an archive that is no document": (archive("a.txt"), 415),
    "a zip bomb named PDF": (archive("OFD.xml", "b", size=400_000_000 // 2), 415),
    "an archive cut in two": (archive("OFD.xml")[:-30], 415),
    "too many members": (archive("OFD.xml", *(f"{at}" for at in range(10_001)), size=0), 415),
    "beyond the limit": (b"%PDF-" + b"0" * LIMIT, 413),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_scan_is_refused_and_leaves_nothing(desk: Desk, case: str) -> None:
    content, status = HOSTILE[case]
    before = desk.files()
    answer = desk.upload(content, Content_Type="application/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert desk.files() == before


def test_a_file_without_announced_length_is_cut_off_at_the_limit(desk: Desk) -> None:
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        yield b"%PDF-"
        while len(sent) < 1_000:
            sent.append(1)
            yield b"0" * 100_000

    with suppress(httpx.WriteError):  # the connection may be closed before the client looks for the answer
        assert desk.upload(endless()).status_code == 413
    assert len(sent) < 200


@pytest.mark.parametrize("member", ["OFD.xml", "word/document.xml", "xl/workbook.xml"])
def test_documents_of_offices_are_known_by_what_they_hold(desk: Desk, member: str) -> None:
    assert desk.upload(archive("x", member)).status_code in {200, 201}


@pytest.mark.parametrize(
    ("role", "headers", "status"),
    [
        (None, {}, 400),
        (None, {"GraphQL_Require_Preflight": "1"}, 403),
        ("reader", {}, 403),
        ("approver", {}, 403),
        ("editor", {"Content_Type": "multipart/form-data; boundary=x"}, 415),
        ("editor", {"Content_Encoding": "gzip"}, 415),
        ("editor", {"Authorization": "Bearer dbk_wrong"}, 401),
    ],
)
def test_only_those_who_may_propose_upload_and_no_page_of_another_site(
    desk: Desk, role: str | None, headers: dict[str, str], status: int
) -> None:
    answer = desk.upload(PDF, role, **headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "%00", "A" * 64, "a" * 63, "*"])
def test_an_address_that_is_no_digest_leads_nowhere(desk: Desk, path: str) -> None:
    assert desk.at.get(f"/files/{path}").status_code == 404


@pytest.mark.parametrize(
    "scans",
    [
        [{"digest": "0" * 64, "name": "a.pdf"}],
        [{"digest": "../../x", "name": "a.pdf"}],
        [{"digest": "0" * 64}],
        [{"digest": "0" * 64, "name": "a/b"}],
        [{"digest": "0" * 64, "name": "n" * 201}],
        ["x"],
        "x",
    ],
)
def test_a_scan_that_cannot_be_is_told_at_its_place(desk: Desk, scans: Any) -> None:
    with committed(desk.book) as clerk:
        refusal = clerk.refused({"openDocument": {"title": "通知", "scans": scans}})
    assert refusal.path[:4] == ("changes", "0", "openDocument", "scans")


def test_a_file_that_no_document_named_within_a_day_is_forgotten_and_damage_is_told(book: Book) -> None:
    with committed(book) as clerk:
        kept, dropped = (stored(clerk.session, book, content) for content in (PDF, PNG))
        clerk.apply({"openDocument": {"title": "通知", "scans": [{"digest": kept, "name": MINUTES}]}})
    # As after revisions came from another book: a document names what nobody has said here.
    with book.database.write() as session:
        session.execute(update(book.tables["file"]).values(named=False))
    clock = book.clock
    assert isinstance(clock, FrozenClock)
    clock.moment += timedelta(days=2)
    assert Sweeping(book).step() is False
    with book.database.read() as session:
        assert list(session.scalars(select(book.tables["file"].c.digest))) == [kept]
        parts = book.tables["file_part"]
        assert set(session.scalars(select(parts.c.digest))) == {kept}
    with committed(book) as clerk:
        words = {"openDocument": {"title": "晚", "scans": [{"digest": dropped, "name": "晚"}]}}
        assert isinstance(clerk.refused(words), DutybookError)
        assert list(damaged(clerk.session, book)) == []
        parts, digest = book.tables["file_part"], kept
        clerk.session.execute(update(parts).where(parts.c.ordinal == 1).values(content=b"other"))
        assert [(one.digest, one.wrong) for one in damaged(clerk.session, book)] == [(digest, "CHANGED")]
        clerk.session.execute(delete(parts))
        clerk.session.execute(delete(book.tables["file"]))
        assert [(one.name, one.wrong) for one in damaged(clerk.session, book)] == [(MINUTES, "MISSING")]


def test_a_number_is_found_whatever_its_brackets_and_two_of_one_issuer_are_warned_of(desk: Desk) -> None:
    with committed(desk.book) as clerk:
        clerk.apply({"openDocument": {"title": "甲", "number": "青电人〔2026〕12号", "issuer": "公司"}})
        same = {"openDocument": {"title": "乙", "number": "青电人 [２０２６] 12号", "issuer": "公司"}}
        refusal = clerk.refused(same)
        assert [(one.name, one.severity) for one in refusal.objections] == [("core:SAME_NUMBER", "WARN")]  # type: ignore[attr-defined]
        clerk.apply({"openDocument": {**same["openDocument"], "issuer": "另一公司"}})
    query = """query($n: String!, $i: String, $p: String) { registry {
        document(number: $n, issuer: $i) { title number }
        documents(filter: {number: $p}) { totalCount edges { node { title } } } } }"""
    for written in ("青电人【2026】12号", "青电人（2026）12号", "青电人［2026］ 12号"):
        found = desk.at.ask(query, "editor", n=written, i="公司", p="(2026)12")["registry"]
        assert found["document"] == {"title": "甲", "number": "青电人〔2026〕12号"}
        assert [edge["node"]["title"] for edge in found["documents"]["edges"]] == ["甲", "乙"]
    assert desk.at.ask(query, "editor", n="青电人〔2026〕1_号", i=None, p="%")["registry"] == {
        "document": None,
        "documents": {"totalCount": 0, "edges": []},
    }


def test_what_rests_on_a_document_is_found_in_pages(desk: Desk) -> None:
    with committed(desk.book) as clerk:
        clerk.apply({"openDocument": {"title": "依据"}})
        key = clerk.in_force("document")[-1]["key"]
        clerk.apply({"addDuty": {"position": "P0001", "text": "依据文件办事", "documents": [key]}})
        id_ = clerk.id("document", -1)
    query = """query($d: ID!) { changeSets(filter: {document: $d}) { totalCount }
        registry { dutiesRestingOn(document: $d) { totalCount edges { node { text } } } } }"""
    answer = desk.at.ask(query, "editor", d=id_)
    assert answer["registry"]["dutiesRestingOn"] == {"totalCount": 1, "edges": [{"node": {"text": "依据文件办事"}}]}
    assert answer["changeSets"] == {"totalCount": 0}


def test_the_operator_is_refused_nothing(desk: Desk) -> None:
    digest = desk.document(PDF + b"top", classification="SECRET")
    with desk.book.database.read() as session:
        assert shown_file(session, desk.book, OPERATOR, digest).file.size == len(PDF) + 3


def test_forms_of_many_sets_are_too_much_for_one_request(desk: Desk) -> None:
    sent = {"Authorization": f"Bearer {desk.at.tokens['editor']}"}
    body = {"query": "{ changeSets(first: 10) { edges { node { printable } } } }"}
    [error] = httpx.post(f"{desk.at.url}/graphql", json=body, headers=sent, timeout=60).json()["errors"]
    assert error["extensions"]["code"] == "TOO_EXPENSIVE"

"""Finding in the real roster: all that LIKE finds, ranked, at any time, and nothing that is hidden."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Literal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import asyncpg

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.folding import fold
from dutybook.book.times import Time
from dutybook.catalogue.read import read_file
from dutybook.catalogue.roster import roster_of
from dutybook.db import search, search_sections
from dutybook.db.in_force import EVERYTHING
from dutybook.db.reads import Reading
from dutybook.db.search_sections import TEXT, Section, Share, Wanted, Window, Windows, whole
from dutybook.graphql import finding
from dutybook.graphql.records import RECORDS
from dutybook.services.changesets import publish
from dutybook.services.import_catalogue import import_catalogue
from tests.backends import Backend
from tests.flow.graphql_book import Asking, asked

COMPANY, FOUNDED, CHANGED, LATER = "宣恩县电力公司", date(2026, 1, 1), date(2026, 2, 1), date(2026, 2, 15)
SHARED = Path(__file__).parents[3] / "shared"


def filled(url: str) -> None:
    """The roster, and a revision that says some of it anew from February on."""
    [seed] = (SHARED / "seeds").glob("000_*.txt")
    reading = read_file(seed)
    roster = roster_of(reading.catalogues[0], reading.file)
    with asked(url) as ask:
        with ask.book.database.write() as session:
            done = import_catalogue(session, ask.book, OPERATOR, roster, organisation=COMPANY, effective_on=FOUNDED)
            publish(session, ask.book, OPERATOR, done.changeset or 0)
        ask.apply(CHANGED, [{"setDuty": {"duty": ask.duty("大宗用户"), "text": "负责综合网损管理"}}])
        ask.apply(CHANGED, [{"setDuty": {"duty": ask.duty("安全"), "text": "检查ＡＢ班用电"}}])


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    if not SHARED.exists():
        pytest.skip("the real roster is not here")
    with backend.database(filled) as url, asked(url) as asking:
        yield asking


def listed(ask: Asking, field: str, arguments: str, asks: str, when: str = "", actor: Actor = OPERATOR) -> list[Any]:
    """All nodes of a list, page by page."""
    found, after = list[Any](), ""
    while True:
        document = f"""{{ registry{when} {{ {field}({arguments}, first: 200{after}) {{
            edges {{ node {{ {asks} }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
        page = ask(document, actor)["registry"][field]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = f', after: "{page["pageInfo"]["endCursor"]}"'


def said(text: str) -> str:
    return orjson.dumps(text).decode()


FIRST = f'(asOf: "{FOUNDED}")'


def test_a_word_is_found_in_the_ten_duties_that_the_clerk_keyed(ask: Asking) -> None:
    gold = orjson.loads((SHARED / "gold" / "power.json").read_bytes())
    positions = [p for c in gold["categories"] for d in c["departments"] for p in d["positions"]]
    wanted = [t for p in positions for d in p["duties"] if "线损" in (t := d["text"] if isinstance(d, dict) else d)]
    found = listed(ask, "duties", 'search: "线损"', "text involvement position { title }", FIRST)
    assert len(found) == 10
    assert sorted(one["text"] for one in found) == sorted(wanted)
    assert (found[0]["position"]["title"], found[0]["involvement"]) == ("主任", "RESPONSIBLE")
    ranks = ["RESPONSIBLE", "SUPERVISE", "ASSIST", "PARTICIPATE", "OTHER"]
    assert [ranks.index(one["involvement"]) for one in found] == sorted(
        ranks.index(one["involvement"]) for one in found
    )


def texts(ask: Asking, day: date, known_at: int) -> list[str]:
    """The folded texts of all duties in force, without the index."""
    rows = ask.book.tables.versions["duty"]
    when = rows.c.valid_from <= day, rows.c.valid_to > day
    known = rows.c.since_revision <= known_at, rows.c.until_revision > known_at
    with ask.book.database.read() as session:
        return [fold(text) for text in session.scalars(select(rows.c.text).where(*when, *known))]


@pytest.mark.parametrize(("day", "known_at"), [(LATER, 3), (FOUNDED, 3), (LATER, 2), (LATER, 1)])
def test_the_index_finds_whatever_like_finds(ask: Asking, day: date, known_at: int) -> None:
    rng, every = Random(11), texts(ask, day, known_at)
    for _ in range(200):
        text = rng.choice(every)
        at = rng.randrange(len(text))
        sought = text[at : at + rng.randint(1, 6)]
        document = (
            f'{{ registry(asOf: "{day}", knownAt: {known_at}) {{ duties(search: {said(sought)}) {{ totalCount }} }} }}'
        )
        assert ask(document)["registry"]["duties"]["totalCount"] == sum(sought in one for one in every), sought


@pytest.mark.parametrize(
    "sign", ['"', "*", "-", "%", "_", "NEAR", "OR", "'", "\\", "负责%", '"负责"', "a OR b", "\x00", "\x1f"]
)
def test_signs_of_query_languages_are_plain_text(ask: Asking, sign: str) -> None:
    document = "query ($text: String!) { registry { duties(search: $text) { totalCount } search(text: $text) { totalCount } } }"
    found = ask(document, text=sign)["registry"]
    assert found["duties"]["totalCount"] == sum(fold(sign) in one for one in texts(ask, date(2026, 3, 1), 3))


def test_width_and_case_do_not_matter_and_places_are_those_of_the_text_as_written(ask: Asking) -> None:
    [hit] = listed(ask, "search", 'text: "ab班", kinds: [DUTY]', "field offset length node { ... on Duty { text } }")
    assert hit == {"field": "text", "offset": 2, "length": 3, "node": {"text": "检查ＡＢ班用电"}}


@pytest.mark.parametrize("typed", ["yxb", "shichangyingxiaobu", "YINGXIAO"])
def test_departments_are_found_by_pinyin(ask: Asking, typed: str) -> None:
    found = listed(
        ask, "search", f'text: "{typed}", kinds: [DEPARTMENT]', "matchedBy node { ... on Department { name } }"
    )
    assert {"matchedBy": "PINYIN", "node": {"name": "市场营销部"}} in found


def test_synonyms_of_the_company_are_found_behind_the_word_itself(backend: Backend) -> None:
    with backend.database(filled) as url, asked(url) as ask:
        written = len(listed(ask, "search", 'text: "网损"', "matchedBy"))
        ask.apply(CHANGED, [{"openSynonym": {"terms": ["线损", "网损"]}}])
        found = listed(ask, "search", 'text: "网损"', "matchedBy field offset length node { ... on Duty { text } }")
        assert [hit["matchedBy"] for hit in found] == ["TEXT"] * written + ["SYNONYM"] * 9
        assert all(hit["node"]["text"][hit["offset"] :].startswith("线损") for hit in found[written:])
        assert {hit["matchedBy"] for hit in listed(ask, "search", 'text: "网损"', "matchedBy", FIRST)} == {"TEXT"}


def paged(ask: Asking, word: str, size: int) -> list[str]:
    """The duties that hold a word, by pages of so many."""
    pieces, after = list[str](), ""
    while True:
        document = f'{{ registry {{ duties(search: "{word}", first: {size}{after}) {{ edges {{ cursor node {{ key }} }} }} }} }}'
        edges = ask(document)["registry"]["duties"]["edges"]
        pieces += [edge["node"]["key"] for edge in edges]
        if len(edges) < size:
            return pieces
        after = f', after: "{edges[-1]["cursor"]}"'


@pytest.mark.parametrize("narrow", [0, 4_096])
@pytest.mark.parametrize("word", ["管理", "安全生产", "的"])
def test_the_pages_of_common_words_make_up_the_whole_list(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, word: str, narrow: int
) -> None:
    whole = {one["key"] for one in listed(ask, "duties", f'search: "{word}"', "key")}
    monkeypatch.setattr(finding, "FEW", 5)
    for module in (finding, search_sections):
        monkeypatch.setattr(module, "WHOLE", 10)
    monkeypatch.setattr(search_sections, "NARROW", narrow)
    pieces = paged(ask, word, 7)
    assert len(whole) > 10
    assert (len(pieces), set(pieces)) == (len(whole), whole)


@pytest.mark.parametrize("few", [5, 20])
@pytest.mark.parametrize("word", ["线损", "安全", "计划", "检查"])
def test_what_is_read_in_one_statement_comes_as_if_read_in_several(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, few: int, word: str
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    together = [paged(ask, word, size) for size in (3, 30, 200)]
    monkeypatch.setattr(finding, "WHOLE", -1)
    apart = paged(ask, word, 30)
    assert len(apart) >= 9
    assert together == [apart] * 3


def test_who_answers_for_a_subject_leads_before_who_assists(ask: Asking) -> None:
    asks = "role duty { involvement } position { title } department { name } incumbents { id } substitutes { code }"
    found = listed(ask, "responsible", 'subject: "线损"', asks, FIRST)
    assert [one["role"] for one in found] == ["LEAD"] * 9 + ["UNSTATED"]
    assert (found[0]["position"]["title"], found[0]["department"]["name"]) == ("主任", "市场营销部")
    catch_alls = [one["involvement"] for one in listed(ask, "duties", 'search: "交办"', "involvement", FIRST)]
    answers = listed(ask, "responsible", 'subject: "交办"', "duty { involvement }", FIRST)
    assert catch_alls.count("CATCH_ALL") > 50
    assert len(answers) == len(catch_alls) - catch_alls.count("CATCH_ALL")


def test_it_is_a_finding_that_several_departments_lead(ask: Asking) -> None:
    document = '{{ registry{} {{ responsible(subject: "{}") {{ findings {{ code departments {{ name }} }} }} }} }}'
    [finding] = ask(document.format(FIRST, "线损"))["registry"]["responsible"]["findings"]
    assert finding["code"] == "SEVERAL_LEAD"
    assert {one["name"] for one in finding["departments"]} == {"经理工作部", "市场营销部", "供电所"}
    assert ask(document.format(FIRST, "综合线损管理"))["registry"]["responsible"]["findings"] == []


def test_an_outsider_finds_nothing_of_a_hidden_department(ask: Asking) -> None:
    rows = ask.book.tables.versions["department"]
    with ask.book.database.read() as session:
        station = session.scalars(select(rows.c.key).where(rows.c.name == "供电所")).one()
    outsider = Actor("outsider", (Grant("reader", department=station),))
    found = listed(ask, "duties", 'search: "线损"', "position { department { name } }", FIRST, outsider)
    assert [one["position"]["department"]["name"] for one in found] == ["供电所"] * 3
    assert listed(ask, "search", 'text: "营销", kinds: [DEPARTMENT, POSITION]', "field", FIRST, outsider) == []
    answers = listed(ask, "responsible", 'subject: "线损"', "department { name }", FIRST, outsider)
    assert [one["department"]["name"] for one in answers] == ["供电所"] * 3


def test_synonyms_are_shown(backend: Backend) -> None:
    assert RECORDS["synonym"].kind == "synonym"
    with backend.database(filled) as url, asked(url) as ask:
        ask.apply(CHANGED, [{"openSynonym": {"terms": ["线损", "网损"]}}])
        found = ask("{ registry { synonyms { edges { node { terms } } } } }")["registry"]["synonyms"]["edges"]
        assert [edge["node"]["terms"] for edge in found] == [["线损", "网损"]]


def explained(ask: Asking, query: Select[Any]) -> str:
    """How the database answers whatever the parameters are, if it has the choice between an index and all rows."""
    database = ask.book.database
    with database.write() as session:
        say = session.connection().exec_driver_sql
        if database.is_sqlite:
            compiled: Any = query.compile(database.engine)
            rows = say(f"EXPLAIN QUERY PLAN {compiled}", (None,) * len(compiled.positiontup))
        else:
            compiled = query.compile(dialect=asyncpg.dialect())  # type: ignore[no-untyped-call]
            say("SET LOCAL enable_seqscan = off")
            say("SET LOCAL plan_cache_mode = force_generic_plan")
            say(f"PREPARE asked AS {compiled}")
            rows = say(f"EXPLAIN EXECUTE asked({', '.join(['NULL'] * len(compiled.positiontup))})")
        told = "\n".join(str(row[-1]) for row in rows)
        if not database.is_sqlite:
            say("DEALLOCATE asked")
    return told


@pytest.mark.parametrize("word", ["线损", "的"])
@pytest.mark.parametrize("by", ["ids", "tokens", "both"])
def test_neither_rare_nor_common_words_read_whole_tables(
    ask: Asking, word: str, by: Literal["ids", "tokens", "both"]
) -> None:
    reading = Reading(ask.book.database, Time(LATER, 3), EVERYTHING)
    wanted, section = Wanted("duty", word, (), (9,)), Section(TEXT, 9, [(word, 9)], 10)
    window = whole(section, 0) if ask.book.database.is_sqlite else Window(9 << 44, (9 << 44) + 9_999, by)
    asked = [search.few(reading, wanted, [section]), search.many(reading, wanted, section, window, 21)]
    plans = [explained(ask, query) for query, _ in asked]
    for plan in plans:
        assert "Seq Scan" not in plan
        assert not re.search(r"SCAN (duty_version|search_entry|position)", plan)
    if ask.book.database.is_sqlite:
        assert all("VIRTUAL TABLE INDEX" in plan for plan in plans)
        assert "ORDER BY" not in plans[1]
    else:
        assert "ix_search_entry_tokens" in plans[0]
        # Where both may be read, the size of the book decides.
        indexes = {
            "ids": "pk_search_entry",
            "tokens": "ix_search_entry_tokens",
            "both": "pk_search_entry|ix_search_entry_tokens",
        }
        assert re.search(indexes[by], plans[1])


@given(
    st.sampled_from(["线损", "线损管理"]),
    st.tuples(st.integers(0, 9_999), st.integers(1, 20_000), st.integers(1, 10_000)),
    st.integers(1, 200),
    st.lists(st.integers(0, 50)),
)
def test_windows_leave_nothing_out(word: str, place: tuple[int, int, int], size: int, held: list[int]) -> None:
    behind, weight, newest = place
    section = Section(TEXT, 9, [(word, 9)], weight)
    windows, end = Windows(section, (9 << 44) + behind, newest, Share(Wanted("duty", word, (), (9,)))), 10 << 44
    found = [windows.ahead(size)]
    for hits in [*held, *([0] * 20)]:
        if found[-1].before == end:
            break
        windows.saw(found[-1], hits)
        found.append(windows.ahead(size))
    assert found[0].behind == (9 << 44) + behind
    assert [one.before - 1 for one in found[:-1]] == [other.behind for other in found[1:]]
    assert found[-1] == whole(section, found[-1].behind)


def test_an_answer_costs_few_statements_however_common_the_word(ask: Asking) -> None:
    for word in ("线损", "管理", "的", "甪"):
        document = f'{{ registry {{ duties(search: "{word}", first: 20) {{ edges {{ node {{ key }} }} }} }} }}'
        ask(document)
        assert ask.cost(document) <= 12, word

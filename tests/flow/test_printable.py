"""The printable forms: Markdown whose texts never become markup, grouped as the book stands, with places yet to be signed."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.times import eve
from dutybook.catalogue.markdown import document, escaped, heading, numbered, one_line, paragraphs, table
from dutybook.db.names import name_of, value_of
from dutybook.graphql.ids import id_of
from dutybook.services.approval import Opinion, approve
from dutybook.services.changesets import (
    Proposal,
    add_changes,
    apply_changes,
    open_changeset,
    publish,
    rest_on,
    submit,
)
from dutybook.services.verdicts import Verdicts
from tests.backends import Backend
from tests.flow.graphql_book import APPROVER, EDITOR, READER, SECOND, Asking, asked, fill

markdown_it = pytest.importorskip("markdown_it")
PARSER = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])

SPICE = ["|", "<b>", "`", "*", "_x_", "[a](javascript:x)", "![i](u)", "# ", "1. ", "- ", "---", "&lt;"]
SPICE += ["\\", "~~", "\n", "\t", "http://a.b", "$x$", ":"]
ANY = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
TEXTS = st.lists(st.sampled_from(SPICE) | ANY, max_size=9)
WORDS = TEXTS.map("".join)


def read(markdown: str) -> list[str]:
    """The texts of all blocks in order; nothing in them may be anything but text."""
    found = []
    for token in PARSER.parse(markdown):
        assert token.type not in {"html_block", "code_block", "fence", "hr"}, token
        if token.type == "inline":
            kinds = {child.type for child in token.children or ()}
            assert kinds <= {"text", "text_special", "softbreak"}, kinds
            found.append("".join(child.content for child in token.children or ()))
    return found


@given(WORDS, WORDS, WORDS)
def test_any_text_is_read_again_as_it_was_and_never_as_markup(title: str, cell: str, line: str) -> None:
    parts = [heading(2, title), table(["a", "b"], [[cell, None]]), numbered([line]), *paragraphs(line)]
    lines = [one_line(each) for each in line.splitlines() if each.strip()]
    wanted = [one_line(title), "a", "b", one_line(cell), "—", one_line(line) or "—", *lines]
    assert read(document(parts)) == wanted


@given(WORDS)
def test_no_line_holds_html_or_a_link(text: str) -> None:
    assert not re.search(r"(?<!\\)[<>\[\]|`]", escaped(text).replace("\\\\", ""))
    assert unescape(escaped(text).replace("\\&", "")) == escaped(text).replace("\\&", "")


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def form(ask: Asking, number: int, actor: Actor = OPERATOR, language: str = "zh") -> str:
    query = "query($i: ID!) { changeSet(id: $i) { printable } }"
    answer = ask.result(query, actor, language, i=id_of("ChangeSet", number))
    assert answer.data, answer.errors
    printed: str = answer.data["changeSet"]["printable"]
    return printed


def test_a_published_set_is_printed_by_department_and_position_with_names_and_both_values(ask: Asking) -> None:
    printed = form(ask, 2)
    headings = [line for line in printed.splitlines() if line.startswith("### ")]
    assert headings == [
        "### D001 经理工作部 / P0001 主任（兼）",
        "### D002 生产技术部 / P0003 检修专责",
        "### D003 调度所 / P0005 值班员",
        "### D004 营销部 / P0002 副主任",
    ]
    assert "| 1 | 变更 岗位 P0001 主任（兼） | 岗位名称 | 主任 | 主任（兼） | 2026-01-01 起 |" in printed
    assert "| 部门 | D001 经理工作部 | D004 营销部 |" in printed
    assert "不适用的标准职责 | — | 组织班前会。" in printed
    assert "拆分：设立 职责 第 2 条 | 内容 | — | 负责检修计划的执行。" in printed
    assert re.search(r"\| 校验值 \| [0-9a-f]{64} \|", printed)
    assert not re.search(r"Position:|[A-Za-z0-9+/]{12,}==|\bkey\b", printed)
    assert printed == form(ask, 2)
    read(printed)


def test_the_language_is_that_of_the_request(ask: Asking) -> None:
    assert form(ask, 2, language="en").startswith("# Change set 2: 变更\n\n| Item | Content |")


def test_names_of_people_are_printed_for_those_alone_who_may_read_them(ask: Asking) -> None:
    assert "赵一" in form(ask, 1, EDITOR)
    printed = form(ask, 1, READER)
    assert not [secret for secret in ("赵一", "8001", "z\\@example.com", "hmac") if secret in printed]
    assert "E0001" in printed
    local = form(ask, 1, Actor("local", (Grant("reader", department=4),)))
    assert "P0001" not in local


def drafted(ask: Asking, *sayings: dict[str, Any], route: list[list[str]] | None = None) -> int:
    with ask.book.database.write() as session:
        proposal = Proposal("调整 *班组*", "因 <工作> 需要\n# 另起", effective_on=SECOND, route=route)
        number = open_changeset(session, ask.book, EDITOR, proposal)
        words = {"title": "通知|一", "number": "青电人〔2026〕9号", "classification": "SECRET"}
        opened = add_changes(session, ask.book, EDITOR, number, [*sayings, {"openDocument": words}])
        rest_on(session, ask.book, EDITOR, number, opened[-1].key)
        return number


def test_a_draft_names_its_document_and_shows_the_order_that_duties_will_have(ask: Asking) -> None:
    one, two = ask.duty("主持部门"), ask.duty("完成领导")
    reordered = {"reorderDuties": {"position": "P0001", "duties": [two, one]}}
    number = drafted(ask, reordered, {"addDuty": {"position": "P0001", "text": "# <script>| [x](y)\n二行"}})
    printed = form(ask, number, EDITOR)
    assert "| 依据文件 | 《通知\\|一》（青电人〔2026〕9号） |" in printed
    assert "| 事由 | 因 \\<工作\\> 需要 \\# 另起 |" in printed
    assert re.search(r"重排：变更 职责 第 \d 条 .* \| 次序 \| 第 \d 条 \| 第 \d 条 \|", printed)
    assert "设立 职责 第 3 条 | 内容 | — | \\# \\<script\\>\\| \\[x\\](y) 二行 |" in printed
    read(printed)
    outsider = form(ask, number, Actor("local", (Grant("editor", department=2), Grant("reader"))))
    assert "青电人" not in outsider


def test_days_are_told_by_the_last_one_and_what_ends_by_its_own(ask: Asking) -> None:
    begin, end = SECOND.isoformat(), (SECOND + timedelta(31)).isoformat()
    last = eve(date.fromisoformat(end)).isoformat()
    some: dict[str, Any] = {"setPosition": {"position": "P0003", "grade": "12", "from": begin, "to": end}}
    number = drafted(ask, some, {"closePosition": {"position": "P0004", "from": end}})
    zh, en = (form(ask, number, EDITOR, language) for language in ("zh", "en"))
    assert f"| 12 | {begin} 至 {last} |" in zh
    assert f"| 12 | {begin} through {last} |" in en
    assert f"| 末日 | — | {last} | 至 {last} |" in zh
    assert f"| Last day | — | {last} | through {last} |" in en
    assert end not in zh + en


BEYOND: list[dict[str, Any]] = [
    {"openQuota": {"department": "D003", "reach": "OWN", "seats": 0}},
    *2 * [{"openDocument": {"title": "重号", "number": "青电人〔2026〕7号"}}],
]


def test_a_draft_tells_what_stands_against_it_where_and_who_may_override_it(ask: Asking) -> None:
    number = drafted(ask, *BEYOND)
    zh, en = (form(ask, number, EDITOR, language) for language in ("zh", "en"))
    assert "| 阻止发布 | 编制定额 D003 调度所（人数） | 部门 D003 调度所（本部门）自" in zh
    assert "| 先解决，或由发布人、管理员（其权限及于 D003 调度所）说明理由推翻 |" in zh
    assert "| blocks | Quota D003 调度所 (Seats) | Department D003 调度所 (own positions): from" in en
    assert "overridden with a reason by publishers, administrators whose rights reach D003 调度所 |" in en
    assert re.search(r"\| 提醒 \| 文件 《重号》（青电人〔2026〕7号）（文号） \| .* \| 发布时确认已知悉 \|", zh)
    assert zh == form(ask, number, EDITOR)
    wrong = form(ask, drafted(ask, {"closePosition": {"position": "P0003"}}), EDITOR)
    assert re.search(r"\| 阻止发布 \| 任职 E0001 赵一 → P0003 检修专责（岗位） \| .*并非在.* \| 须先解决 \|", wrong)
    read(zh + en)


def test_what_was_overridden_is_printed_with_its_reason_for_those_who_work_on_change_sets(ask: Asking) -> None:
    with ask.book.database.write() as session:
        verdicts = Verdicts(frozenset({"core:DOCUMENT_NUMBER_TAKEN"}), {"core:QUOTA_EXCEEDED": "年内 | 核增"})
        proposal = Proposal("超编", effective_on=SECOND)
        number = apply_changes(session, ask.book, OPERATOR, proposal, BEYOND[:1], verdicts)
    printed = form(ask, number, EDITOR)
    assert re.search(r"\| 部门 D003 .* \| 年内 \\\| 核增 \| operator \| 2026-", printed)
    assert "Department D003" in form(ask, number, EDITOR, "en")
    assert "核增" not in form(ask, number, READER)


def test_every_record_is_named_in_both_languages(ask: Asking) -> None:
    tables, named = ask.book.tables, 0
    with ask.book.database.read() as session:
        for kind in ask.book.kinds:
            for key in session.scalars(select(tables.identities[kind.name].c.key)):
                name, named = name_of(session, tables, kind.name, key), named + 1
                assert name.zh.removeprefix(kind.label.zh) == name.en.removeprefix(kind.label.en) != name.en
            for field in kind.references:
                for value in session.scalars(select(tables.versions[kind.name].c[field.name]).distinct()):
                    told, target = value_of(session, tables, field, value), ask.book.kinds[str(field.target)]
                    assert value is None or told.en.startswith(target.label.en)
                    assert value is None or told.zh.startswith(target.label.zh)
    assert named > 20


def test_what_begins_on_the_first_day_of_all_is_shown_though_none_is_before(ask: Asking) -> None:
    number = drafted(ask, {"openOrganisation": {"code": "Z", "name": "太初", "from": "0001-01-01"}})
    assert "太初" in form(ask, number, EDITOR)
    query = "query($i: ID!) { changeSet(id: $i) { changes { summary attributes { after } } } }"
    assert "太初" in str(ask(query, i=id_of("ChangeSet", number)))


def test_a_route_shows_who_signed_on_what_evidence_and_leaves_lines_for_the_others(ask: Asking) -> None:
    number = drafted(ask, {"setPosition": {"position": "P0003", "grade": "12"}}, route=[["user:approver", "user:wang"]])
    with ask.book.database.write() as session:
        submit(session, ask.book, EDITOR, number)
        approve(session, ask.book, APPROVER, number, Opinion("同意 | 照办", "党委会〔2026〕3号"))
    printed = form(ask, number, EDITOR)
    assert re.search(r"\| 用户 approver \| approver \| 同意：同意 \\\| 照办 \| 党委会〔2026〕3号 \| 2026-", printed)
    assert re.search(r"\| 用户 wang \| ＿+ \| — \| — \| — \|", printed)
    assert "## 审批" not in form(ask, 2, READER)


def test_a_larger_set_is_printed_by_as_many_statements(ask: Asking) -> None:
    query = "query($i: ID!) { changeSet(id: $i) { printable } }"

    def cost(many: int) -> int:
        words = [{"title": f"岗{at}", "department": f"D00{at % 4 + 1}", "reportsTo": "P0001"} for at in range(many)]
        opened = [{"openPosition": said} for said in words]
        added = [{"addDuty": {"position": "P0003", "text": f"职责{at}"}} for at in range(many)]
        return ask.cost(query, EDITOR, i=id_of("ChangeSet", drafted(ask, *opened, *added)))

    assert cost(8) == cost(40)


def test_a_job_sheet_has_its_data_sections_and_duties_in_order(ask: Asking) -> None:
    with ask.book.database.write() as session:
        number = open_changeset(session, ask.book, OPERATOR, Proposal("章节", effective_on=SECOND))
        sections = [{"name": "岗位目的", "text": "管 | 好\n- 家"}, {"name": "任职资格", "text": "本科"}]
        add_changes(session, ask.book, OPERATOR, number, [{"setPosition": {"position": "P0005", "sections": sections}}])
        publish(session, ask.book, OPERATOR, number)
    query = '{ registry { position(code: "P0005") { printable } } }'
    answer = ask.result(query, READER, "zh")
    assert answer.data, answer.errors
    sheet = answer.data["registry"]["position"]["printable"]
    assert [line for line in sheet.splitlines() if line.startswith("#")] == [
        "# 值班员 岗位说明书",
        "## 岗位目的",
        "## 岗位职责",
        "## 任职资格",
    ]
    assert "| 部门 | D003 调度所 |\n" in sheet
    assert "| B角 | P0003 检修专责、P0004 调度班长 |" in sheet
    assert "管 \\| 好\n\n\\- 家" in sheet
    assert "1. 全面负责班组的安全生产。\n2. 监督 100%\\_合格率。" in sheet
    read(sheet)

"""The inputs of what people say beyond open, set and close: move, merge, split, reorder, make, follow, detach, reopen, rescind."""

from collections.abc import Iterator
from typing import Any

import strawberry

from dutybook.book.kinds import Kinds
from dutybook.errors import Message
from dutybook.graphql.changes_input import (
    ANCHORS,
    FROM,
    NOTE,
    TO,
    Parts,
    Saying,
    input_name,
    make_input,
    of_kind,
    opening_parts,
)

ID, IDS = strawberry.ID, list[strawberry.ID]
KEEP = (bool | None, Message("原记录是否继续存在", "Whether the old record goes on"))
DEPARTMENT = Message("部门", "The department")
POSITION = Message("岗位", "The position")
STANDARD = Message("标准岗位", "The standard position")
DUTY = Message("职责", "The duty")
DUTIES = Message("各条职责，按新的次序", "The duties, in their order")
INTO = Message("并入的已有记录", "The existing record they merge into")
SUCCESSOR = Message("由新设的记录接替", "A new record that takes their place")
PARTS = Message("分成的各部分", "The parts it is split into")


def _saying(name: str, zh: str, en: str, parts: Parts) -> Saying:
    made = make_input(input_name(name), f"{zh}。{NOTE.zh}。", f"{en}. {NOTE.en}.", parts | dict([FROM]))
    return name, made, Message(zh, en)


def of_departments(kinds: Kinds, opening: type) -> Iterator[Saying]:
    """Move, merge, split."""
    parent = (ID | None, Message("新的上级部门；空为最上级", "The new parent; the top if absent"))
    yield _saying(
        "moveDepartment", "部门改隶", "Move a department", {"department": (ID, DEPARTMENT), "parent": parent, **ANCHORS}
    )
    sources = (IDS, Message("被合并的部门", "The departments that are merged"))
    merged: Parts = {"departments": sources, "into": (ID | None, INTO), "successor": (opening | None, SUCCESSOR)}
    yield _saying("mergeDepartments", "合并部门", "Merge departments", merged)
    taken: Parts = {
        "positions": (IDS | None, Message("划入的岗位", "The positions that go there")),
        "departments": (IDS | None, Message("划入的下级部门", "The departments below that go there")),
    }
    part = _part("DepartmentPartInput", opening_parts(kinds["department"]) | taken)
    split: Parts = {"department": (ID, DEPARTMENT), "into": (list[part], PARTS), "keep": KEEP}  # type: ignore[valid-type]
    yield _saying("splitDepartment", "拆分部门", "Split a department", split)


def of_positions(kinds: Kinds, opening: type) -> Iterator[Saying]:
    """Move, merge, split."""
    moved: Parts = {
        "position": (ID, POSITION),
        "department": (ID, Message("新的部门", "The new department")),
        **ANCHORS,
    }
    yield _saying("movePosition", "岗位调整部门", "Move a position", moved)
    sources = (IDS, Message("被合并的岗位", "The positions that are merged"))
    merged: Parts = {"positions": sources, "into": (ID | None, INTO), "successor": (opening | None, SUCCESSOR)}
    yield _saying("mergePositions", "合并岗位", "Merge positions", merged)
    taken: Parts = {
        "duties": (IDS | None, Message("划入的职责", "The duties that go there")),
        "assignments": (IDS | None, Message("划入的任职", "The assignments that go there")),
        "department": (
            ID | None,
            Message("部门；默认为原岗位的部门", "The department; that of the old position unless said"),
        ),
    }
    part = _part("PositionPartInput", opening_parts(kinds["position"]) | taken)
    split: Parts = {"position": (ID, POSITION), "into": (list[part], PARTS), "keep": KEEP}  # type: ignore[valid-type]
    yield _saying("splitPosition", "拆分岗位", "Split a position", split)


def of_standards(kinds: Kinds) -> Iterator[Saying]:
    """Make, follow, leave out, take back, detach."""
    followers = (IDS, Message("遵循它的岗位", "The positions that follow it"))
    said: Parts = {
        "duty": (
            ID,
            Message(
                "所列岗位之一自有的职责；一字不差者同样由标准代替",
                "An own duty of one of the positions; those that say exactly the same give way too",
            ),
        ),
        "alike": (
            IDS | None,
            Message("内容相近、一并由标准代替的职责", "Duties that say nearly the same and give way as well"),
        ),
        "text": (
            str | None,
            Message("标准的措辞；默认取该职责的内容", "The standard's wording; the duty's own unless said"),
        ),
    }
    item = make_input("StandardDutyInput", "标准岗位的一条职责。", "A duty of the standard position.", said)
    made: Parts = {
        **{name: part for name, part in opening_parts(kinds["standard_position"]).items() if name != "to"},
        "positions": followers,
        "duties": (list[item], Message("标准的职责，按次序", "The duties of the standard, in order")),  # type: ignore[valid-type]
    }
    yield _saying(
        "makeStandard",
        "由相似岗位设立标准岗位：相同的职责改由标准列出，其余留作各岗位自有，没有的记为不适用",
        "Make a standard of alike positions: it says what they share, the rest stays their own, what one lacks is left out there",
        made,
    )
    left_out = (IDS | None, Message("不适用的标准职责", "Duties of the standard that are left out"))
    followed: Parts = {"standard": (ID, STANDARD), "positions": followers, "leave_out": left_out}
    yield _saying(
        "followStandard",
        "岗位改为遵循标准岗位；与标准相同的自有职责由其代替",
        "Let positions follow a standard; own duties that say the same give way",
        followed,
    )
    excepted: Parts = {"position": (ID, POSITION), "duty": (ID, Message("标准岗位的职责", "The standard's duty"))}
    yield _saying(
        "leaveOutDuty", "标准岗位的一条职责对某岗位不适用", "Leave a duty of the standard out at a follower", excepted
    )
    yield _saying(
        "takeBackDuty",
        "恢复适用标准岗位的一条职责",
        "Take a duty of the standard back that a follower left out",
        excepted,
    )
    yield _saying(
        "detachPosition",
        "脱离标准岗位，复制其职责",
        "Detach a position from its standard",
        {"position": (ID, POSITION)},
    )


def of_duties() -> Iterator[Saying]:
    """Split, merge, move, reorder."""
    texts = (list[str], Message("拆成的各条内容，至少两条", "The texts it becomes, two at least"))
    yield _saying("splitDuty", "拆分职责", "Split a duty", {"duty": (ID, DUTY), "into": texts})
    text = (str, Message("合并后的内容", "The text they become"))
    yield _saying("mergeDuties", "合并职责", "Merge duties", {"duties": (IDS, DUTIES), "text": text})
    owner: Parts = {"position": (ID | None, POSITION), "standard": (ID | None, STANDARD)}
    yield _saying("moveDuty", "移动职责", "Move a duty to another list", {"duty": (ID, DUTY), **owner, **ANCHORS})
    yield _saying(
        "reorderDuties", "重排职责", "Put the duties of a list into another order", {**owner, "duties": (IDS, DUTIES)}
    )


def of_all() -> Iterator[Saying]:
    """Reopen, rescind."""
    along = Message("连同与之一并终止的下级", "With it whatever lies within it and ended with it, but for people")
    again: Parts = {
        "subject": (ID, Message("记录", "The record")),
        "with_dependents": (bool | None, along),
        **dict([TO]),
    }
    yield _saying(
        "reopen",
        "重新设立已终止的记录：沿用编号与终止前的内容",
        "A record that ended begins again, with its code and what was last known of it",
        again,
    )
    names = Message(
        "自当日起的哪些字段；opening 为设立，closing 为终止；空为当日的全部",
        "Which fields that begin on the day; opening and closing stand for those; all of the day if absent",
    )
    parts: Parts = {"subject": (ID, Message("记录", "The record")), "attributes": (list[str] | None, names)}
    yield _saying(
        "rescind",
        "撤销当日开始的内容：从未如此，前者继续",
        "What began on a day was never true; the predecessor runs on",
        parts,
    )


def _part(name: str, parts: Parts) -> Any:
    return make_input(name, f"拆分的一部分。{NOTE.zh}。", f"A part of a split. {NOTE.en}.", parts)


def change_input(kinds: Kinds) -> type:
    """The @oneOf input of all that can be said of a book with these kinds."""
    plain = [saying for kind in kinds for saying in of_kind(kind)]
    inputs = {name: made for name, made, _ in plain}
    special = [
        *of_departments(kinds, inputs["openDepartment"]),
        *of_positions(kinds, inputs["openPosition"]),
        *of_standards(kinds),
        *of_duties(),
        *of_all(),
    ]
    parts: Parts = {name: (made | None, text) for name, made, text in [*plain, *special]}
    return make_input("ChangeInput", "一项变更：恰取其一。", "One change: exactly one of these.", parts, one_of=True)

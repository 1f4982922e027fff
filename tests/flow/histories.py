"""Random histories of the small company, drawn as plain tuples so that they shrink."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import strategies as st
from sqlalchemy import select

from dutybook.book.ids import GlobalId, type_name
from dutybook.book.times import FOREVER
from dutybook.errors import DutybookError
from dutybook.services.say import Saying
from tests.flow.clerk import Clerk

DAYS = [date(2025, month, 1) for month in (3, 5, 7, 9, 11, 1)]


class Act(NamedTuple):
    """Something to say: what, of which records, by number, and when."""

    what: str
    one: int
    other: int
    start: date
    days: int | None

    @property
    def end(self) -> date | None:
        return self.start + timedelta(self.days) if self.days else None


acts = st.builds(
    Act,
    st.deferred(lambda: st.sampled_from(sorted(SAYINGS))),
    st.integers(0, 9),
    st.integers(0, 9),
    st.sampled_from(DAYS),
    st.none() | st.sampled_from([40, 100]),
)
revisions = st.lists(acts, min_size=1, max_size=3)
histories = st.lists(revisions, min_size=1, max_size=8)

Phrase = Callable[["Teller", Act], Saying]


def setting(kind: str, saying: str, **values: Callable[["Teller", Act], object]) -> Phrase:
    """Sets fields of a record for ever or, where the act has an end, for a time."""

    def phrase(tell: "Teller", act: Act) -> Saying:
        given = {name: value(tell, act) for name, value in values.items()}
        return {saying: {kind: tell.id(kind, act.one), "from": act.start, "to": act.end, **given}}

    return phrase


def ending(kind: str, saying: str) -> Phrase:
    return lambda tell, act: {
        saying: {kind: tell.id(kind, act.one), "from": act.start, "withDependents": act.other % 2 == 0}
    }


def rescinding(kind: str) -> Phrase:
    return lambda tell, act: {
        "rescind": {"subject": tell.id(kind, act.one), "from": tell.began(kind, act.one, act.other)}
    }


def text(_: "Teller", act: Act) -> str:
    return f"负责第{act.other}项工作"


def other(kind: str) -> Callable[["Teller", Act], object]:
    return lambda tell, act: tell.id(kind, act.other)


def several(tell: "Teller", act: Act, kind: str) -> list[str]:
    return [tell.id(kind, act.one), tell.id(kind, act.other)]


SAYINGS: dict[str, Phrase] = {
    "open department": lambda t, a: {
        "openDepartment": {"name": text(t, a), "parent": t.id("department", a.one), "from": a.start}
    },
    "open position": lambda t, a: {
        "openPosition": {"title": text(t, a), "department": t.id("department", a.one), "from": a.start, "to": a.end}
    },
    "add duty": lambda t, a: {"addDuty": {"text": text(t, a), "position": t.id("position", a.one), "from": a.start}},
    "add and retitle": lambda t, a: {"setDuty": {"duty": t.id("duty", -1), "text": text(t, a), "from": a.start}},
    "title": setting("position", "setPosition", title=text),
    "grade": setting("position", "setPosition", grade=lambda _, act: str(act.other)),
    "superior": setting("position", "setPosition", reportsTo=other("position")),
    "no superior": setting("position", "setPosition", reportsTo=lambda *_: None),
    "name": setting("department", "setDepartment", name=text, quota=lambda _, act: act.other),
    "parent": setting("department", "setDepartment", parent=other("department")),
    "text": setting("duty", "setDuty", text=text),
    "phone": setting("employee", "setEmployee", officePhone=lambda _, act: f"0000-{act.other}"),
    "share": setting("assignment", "setAssignment", share=lambda _, act: act.other + 1),
    "transfer": setting("assignment", "setAssignment", position=other("position")),
    "close department": ending("department", "closeDepartment"),
    "close position": ending("position", "closePosition"),
    "close employee": ending("employee", "closeEmployee"),
    "withdraw duty": lambda t, a: {"withdrawDuty": {"duty": t.id("duty", a.one), "from": a.start}},
    "end assignment": lambda t, a: {"endAssignment": {"assignment": t.id("assignment", a.one), "from": a.start}},
    "appoint": lambda t, a: {
        "appoint": {
            "employee": t.id("employee", a.one),
            "position": t.id("position", a.other),
            "kind": "PRIMARY" if a.other % 5 == 0 else "CONCURRENT",
            "from": a.start,
            "to": a.end,
        }
    },
    "move department": lambda t, a: {
        "moveDepartment": {
            "department": t.id("department", a.one),
            "parent": t.id("department", a.other),
            "from": a.start,
        }
    },
    "move position": lambda t, a: {
        "movePosition": {
            "position": t.id("position", a.one),
            "department": t.id("department", a.other),
            "from": a.start,
        }
    },
    "move duty": lambda t, a: {
        "moveDuty": {"duty": t.id("duty", a.one), "position": t.id("position", a.other), "from": a.start}
    },
    "merge departments": lambda t, a: {
        "mergeDepartments": {"departments": several(t, a, "department"), "successor": {"name": "新"}, "from": a.start}
    },
    "merge into department": lambda t, a: {
        "mergeDepartments": {
            "departments": [t.id("department", a.one)],
            "into": t.id("department", a.other),
            "from": a.start,
        }
    },
    "merge positions": lambda t, a: {
        "mergePositions": {"positions": [t.id("position", a.one)], "into": t.id("position", a.other), "from": a.start}
    },
    "merge duties": lambda t, a: {
        "mergeDuties": {"duties": several(t, a, "duty"), "text": text(t, a), "from": a.start}
    },
    "split duty": lambda t, a: {
        "splitDuty": {"duty": t.id("duty", a.one), "into": ["负责甲", "负责乙"], "from": a.start}
    },
    "split department": lambda t, a: {
        "splitDepartment": {
            "department": t.id("department", a.one),
            "into": [{"name": "甲部", "positions": t.held("position", "department", a)}, {"name": "乙部"}],
            "keep": a.other % 2 == 0,
            "from": a.start,
        }
    },
    "split position": lambda t, a: {
        "splitPosition": {
            "position": t.id("position", a.one),
            "into": [{"title": "甲岗", "duties": t.held("duty", "position", a)}, {"title": "乙岗"}],
            "keep": a.other % 2 == 0,
            "from": a.start,
        }
    },
    "reorder": lambda t, a: {
        "reorderDuties": {"position": "P0001", "duties": t.reversed("P0001", a.start), "from": a.start}
    },
    "detach": lambda t, a: {"detachPosition": {"position": t.id("position", a.one), "from": a.start}},
    "rescind department": rescinding("department"),
    "rescind position": rescinding("position"),
    "rescind duty": rescinding("duty"),
    "rescind assignment": rescinding("assignment"),
}


class Teller:
    """Turns acts into sayings about the records that there are."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk

    def keys(self, kind: str) -> Sequence[int]:
        table = self.clerk.book.tables.identities[kind]
        return self.clerk.session.scalars(select(table.c.key).order_by(table.c.key)).all()

    def id(self, kind: str, number: int) -> str:
        keys = self.keys(kind)
        return str(GlobalId(type_name(kind), keys[number % len(keys)]))

    def held(self, kind: str, field: str, act: Act) -> list[str]:
        """What a record holds on the day of an act."""
        keys = self.keys(field)
        rows = self.clerk.in_force(kind, act.start)
        return [str(GlobalId(type_name(kind), r["key"])) for r in rows if r[field] == keys[act.one % len(keys)]]

    def began(self, kind: str, number: int, at: int) -> date:
        """A day on which something of a record changed."""
        keys = self.keys(kind)
        rows = [row for row in self.clerk.rows(kind) if row["key"] == keys[number % len(keys)]]
        days = sorted({row["valid_from"] for row in rows} | {row["valid_to"] for row in rows} - {FOREVER})
        return days[-1 - at % len(days)] if days else DAYS[0]

    def reversed(self, position: str, day: date) -> list[str]:
        owner = self.clerk.key("position", position)
        rows = self.clerk.in_force("duty", day)
        return [str(GlobalId("Duty", row["key"])) for row in reversed(rows) if row["position"] == owner]

    def tell(self, told: Sequence[Act]) -> bool:
        """Publishes what the acts say, unless the book refuses it; then nothing of it stays."""
        savepoint = self.clerk.session.begin_nested()
        try:
            for act in told[:1]:
                self.clerk.apply(*[SAYINGS[act.what](self, act) for act in told])
        except DutybookError:
            savepoint.rollback()
            return False
        savepoint.commit()
        return True


def tell(clerk: Clerk, history: Sequence[Sequence[Act]]) -> Clerk:
    """The company with that history."""
    for told in history:
        Teller(clerk).tell(told)
    return clerk

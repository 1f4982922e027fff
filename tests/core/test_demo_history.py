"""The demo company's history can be told in order: whatever a step refers to exists when it is said."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from dutybook.demo.company import company
from dutybook.demo.history import AssignmentName, DutyName, Saying, history

NAMED_AS = {
    "departments": {"department", "departments", "parent"},
    "positions": {"position", "positions", "reports_to", "deputy_of", "substitutes", "before", "after"},
    "employees": {"employee"},
}


class Ledger:
    """What exists at one point of the history, kept as plainly as a clerk would."""

    def __init__(self) -> None:
        self.departments: dict[str, str | None] = {}
        self.positions: dict[str, dict[str, Any]] = {}
        self.duties: dict[str, list[str]] = {}
        self.employees: set[str] = set()
        self.assignments: set[AssignmentName] = set()

    def hear(self, saying: Saying) -> None:
        """Checks every reference of one saying, then does what it says."""
        ((verb, words),) = saying.items()
        self._check(verb, "", words)
        if verb in EFFECTS:
            EFFECTS[verb](self, words)

    def _check(self, place: str, word: str, value: Any) -> None:
        if isinstance(value, DutyName):
            assert value.text in self.duties[value.position], (place, value)
        elif isinstance(value, AssignmentName):
            assert value in self.assignments, (place, value)
        elif isinstance(value, Mapping):
            for inner, part in value.items():
                self._check(place, inner, part)
        elif isinstance(value, list):
            for part in value:
                self._check(place, word, part)
        else:
            for shelf, names in NAMED_AS.items():
                assert word not in names or value in getattr(self, shelf), (place, word, value)

    def open_position(self, words: Mapping[str, Any]) -> None:
        assert words["code"] not in self.positions
        self.positions[words["code"]] = dict(words)
        self.duties[words["code"]] = []

    def rehouse(self, old: str, new: str) -> None:
        for position in self.positions.values():
            position["department"] = new if position["department"] == old else position["department"]
        self.departments = {code: new if parent == old else parent for code, parent in self.departments.items()}
        del self.departments[old]

    def drop_position(self, code: str) -> None:
        assert not self.duties.pop(code)
        assert not [a for a in self.assignments if a.position == code]
        assert not [p for p in self.positions.values() if code in (p.get("reports_to"), p.get("deputy_of"))]
        del self.positions[code]

    def hand_over(self, old: str, new: str) -> None:
        self.duties[new] += self.duties[old]
        self.duties[old] = []
        for position in self.positions.values():
            for field in ("reports_to", "deputy_of"):
                position[field] = new if position.get(field) == old else position.get(field)
        self.assignments = {
            AssignmentName(a.employee, new if a.position == old else a.position, a.kind) for a in self.assignments
        }

    def replace_duties(self, gone: list[DutyName], come: list[str]) -> None:
        at = self.duties[gone[0].position].index(gone[0].text)
        for duty in gone:
            self.duties[duty.position].remove(duty.text)
        self.duties[gone[0].position][at:at] = come


def appoint(ledger: Ledger, words: Mapping[str, Any]) -> None:
    ledger.assignments.add(AssignmentName(words["employee"], words["position"], words.get("kind", "PRIMARY")))


def close_employee(ledger: Ledger, words: Mapping[str, Any]) -> None:
    assert not [a for a in ledger.assignments if a.employee == words["employee"]]
    ledger.employees.remove(words["employee"])


def move_duty(ledger: Ledger, words: Mapping[str, Any]) -> None:
    ledger.duties[words["duty"].position].remove(words["duty"].text)
    ledger.duties[words["position"]].append(words["duty"].text)


def reorder_duties(ledger: Ledger, words: Mapping[str, Any]) -> None:
    texts = [duty.text for duty in words["duties"]]
    assert sorted(texts) == sorted(ledger.duties[words["position"]])
    ledger.duties[words["position"]] = texts


def merge_departments(ledger: Ledger, words: Mapping[str, Any]) -> None:
    ledger.departments[words["successor"]["code"]] = None
    for old in words["departments"]:
        ledger.rehouse(old, words["successor"]["code"])


def split_department(ledger: Ledger, words: Mapping[str, Any]) -> None:
    for part in words["into"]:
        ledger.departments[part["code"]] = None
        for code in part["positions"]:
            ledger.positions[code]["department"] = part["code"]
    assert not [p for p in ledger.positions.values() if p["department"] == words["department"]]
    del ledger.departments[words["department"]]


def merge_positions(ledger: Ledger, words: Mapping[str, Any]) -> None:
    for old in set(words["positions"]) - {words["into"]}:
        ledger.hand_over(old, words["into"])
        ledger.drop_position(old)


def split_position(ledger: Ledger, words: Mapping[str, Any]) -> None:
    for part in words["into"]:
        ledger.open_position(part)
        for duty in part["duties"]:
            move_duty(ledger, {"duty": duty, "position": part["code"]})
        for old in part["assignments"]:
            ledger.assignments.remove(old)
            ledger.assignments.add(AssignmentName(old.employee, part["code"], old.kind))


EFFECTS: dict[str, Callable[[Ledger, Mapping[str, Any]], Any]] = {
    "openDepartment": lambda ledger, words: ledger.departments.update({words["code"]: words.get("parent")}),
    "openPosition": Ledger.open_position,
    "setPosition": lambda ledger, words: ledger.positions[words["position"]].update(words),
    "movePosition": lambda ledger, words: ledger.positions[words["position"]].update(words),
    "closePosition": lambda ledger, words: ledger.drop_position(words["position"]),
    "addDuty": lambda ledger, words: ledger.duties[words["position"]].append(words["text"]),
    "setDuty": lambda ledger, words: ledger.replace_duties([words["duty"]], [words["text"]]),
    "withdrawDuty": lambda ledger, words: ledger.replace_duties([words["duty"]], []),
    "splitDuty": lambda ledger, words: ledger.replace_duties([words["duty"]], words["into"]),
    "mergeDuties": lambda ledger, words: ledger.replace_duties(words["duties"], [words["text"]]),
    "moveDuty": move_duty,
    "reorderDuties": reorder_duties,
    "mergeDepartments": merge_departments,
    "splitDepartment": split_department,
    "mergePositions": merge_positions,
    "splitPosition": split_position,
    "openEmployee": lambda ledger, words: ledger.employees.add(words["number"]),
    "closeEmployee": close_employee,
    "appoint": appoint,
    "endAssignment": lambda ledger, words: ledger.assignments.remove(words["assignment"]),
}


def told(steps: int | None = None) -> Ledger:
    ledger = Ledger()
    for step in history()[:steps]:
        for saying in step.changes:
            ledger.hear(saying)
    return ledger


def test_whatever_a_step_names_exists_when_it_is_said() -> None:
    assert told().departments


def test_the_founding_says_all_of_the_company() -> None:
    ledger = told(2)
    assert list(ledger.departments) == [d.code for d in company().departments]
    assert ledger.duties == {p.code: list(p.duties) for _, p in company().positions()}
    assert len(ledger.employees) == 300


def test_after_every_step_people_have_one_primary_post_and_posts_are_not_overfilled() -> None:
    for steps in range(2, len(history()) + 1):
        ledger = told(steps)
        primary = [a for a in ledger.assignments if a.kind == "PRIMARY"]
        seats = Counter(a.position for a in primary)
        assert len({a.employee for a in primary}) == len(primary) == len(ledger.employees)
        assert all(seats[code] <= position["headcount"] for code, position in ledger.positions.items())


def test_every_position_has_duties_and_300_people_are_there_at_the_end() -> None:
    ledger = told()
    assert all(ledger.duties.values())
    assert len(ledger.employees) == 300
    assert {p["department"] for p in ledger.positions.values()} == set(ledger.departments)


def test_two_years_are_told_in_order_of_publication() -> None:
    published = [step.published_at for step in history()]
    assert published == sorted(published)
    assert all(isinstance(time, datetime) and time.utcoffset() for time in published)
    assert (published[0].year, published[0].month) == (2024, 12)
    assert (published[-1].year, published[-1].month) == (2026, 11)


def test_at_least_10_revisions_of_ordinary_size_follow_the_founding() -> None:
    assert len(history()) >= 12
    assert all(1 <= len(step.changes) <= 30 for step in history()[2:])
    assert all(step.title and step.reason for step in history())


def test_the_history_has_a_reorganisation_a_late_correction_and_a_step_that_lies_ahead() -> None:
    verbs = {verb for step in history() for saying in step.changes for verb in saying}
    assert {"mergeDepartments", "splitDepartment", "mergePositions", "splitPosition", "movePosition"} <= verbs
    assert {"splitDuty", "mergeDuties", "moveDuty", "reorderDuties", "setAssignment"} <= verbs
    days = [(step.effective_on, step.published_at.date()) for step in history()]
    assert any((published - effective).days > 90 for effective, published in days)
    assert max(effective for effective, _ in days) == date(2027, 1, 1)


def test_documents_are_decided_before_they_are_issued_and_issued_before_they_are_published() -> None:
    documents = [(step.document, step) for step in history() if step.document]
    assert len(documents) >= 10
    assert all(d.decided_on <= d.issued_on <= step.published_at.date() for d, step in documents)
    assert all(d.effective_on == step.effective_on for d, step in documents)
    assert len({d.number for d, _ in documents}) == len(documents)

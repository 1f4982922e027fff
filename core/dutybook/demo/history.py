"""Two years of the demo company as dated steps: its founding, its people, and the revisions told in `history.yaml`."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from dutybook.demo.company import Company, Department, Position, company, read_yaml
from dutybook.demo.people import Employee, Staff, staff

_SAID_APART = {"positions", "duties", "substitutes", "sections"}


@dataclass(frozen=True, slots=True)
class Document:
    """The paper that a step rests on."""

    number: str
    title: str
    issuer: str
    decided_on: date
    issued_on: date
    effective_on: date


@dataclass(frozen=True, slots=True)
class DutyName:
    """A duty that has no code: the post that lists it on that day, and its whole text."""

    position: str
    text: str


@dataclass(frozen=True, slots=True)
class AssignmentName:
    """An assignment that has no code: who holds what, and how."""

    employee: str
    position: str
    kind: str = "PRIMARY"


Saying = Mapping[str, Mapping[str, Any]]
"""One thing that people say, `{"setPosition": {"position": "YX-03", "grade": "12"}}`; a reference is a code or a name."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change set: what is said, in order, from which day it holds and when it was published."""

    title: str
    reason: str
    effective_on: date
    published_at: datetime
    changes: tuple[Saying, ...]
    document: Document | None = None


_NAMES = {"duty": DutyName, "assignment": AssignmentName}
_ONE_OF = {"duties": "duty", "assignments": "assignment"}


@cache
def history() -> tuple[Step, ...]:
    """Every step in the order of publication; the first two found the book and let the people in."""
    told = tuple(_step(entry) for entry in read_yaml("history.yaml"))
    return (
        replace(told[0], changes=tuple(_founding(company()))),
        replace(told[1], changes=tuple(_people_in(staff()))),
        *told[2:],
    )


def _step(entry: Mapping[str, Any]) -> Step:
    document = entry.get("document")
    return Step(
        title=entry["title"],
        reason=entry["reason"],
        effective_on=entry["effective_on"],
        published_at=entry["published_at"],
        changes=tuple(_named("", saying) for saying in entry.get("changes", ())),
        document=Document(**document) if document else None,
    )


def _named(word: str, value: Any) -> Any:
    """The same words, with typed names where they stand for duties and assignments."""
    if isinstance(value, list):
        return [_named(_ONE_OF.get(word, ""), part) for part in value]
    if not isinstance(value, dict):
        return value
    if word in _NAMES:
        return _NAMES[word](**value)
    return {inner: _named(inner, part) for inner, part in value.items()}


def _founding(firm: Company) -> Iterator[Saying]:
    """The organisation, then each department with its posts and duties; who stands in for whom comes last."""
    code = firm.organisation.code
    yield {"openOrganisation": asdict(firm.organisation)}
    for department in firm.departments:
        yield {"openDepartment": {"organisation": code, **_described(department)}}
        for post in department.positions:
            leads = {"leading": True} if post is department.head or post.deputy_of else {}
            yield {"openPosition": {"organisation": code, "department": department.code, **_described(post), **leads}}
            for text in post.duties:
                yield {"addDuty": {"position": post.code, "text": text}}
    for _, post in firm.positions():
        if post.substitutes:
            yield {"setPosition": {"position": post.code, "substitutes": list(post.substitutes)}}


def _described(record: Department | Position | Employee) -> dict[str, Any]:
    """What an opening says of the record itself; empty fields are left unsaid."""
    values = {name: part for name, part in asdict(record).items() if part and name not in _SAID_APART}
    if isinstance(record, Position) and record.sections:
        values["sections"] = [asdict(section) for section in record.sections]
    return values


def _people_in(people: Staff) -> Iterator[Saying]:
    for employee in people.employees:
        yield {"openEmployee": {**_described(employee), "entered_on": employee.entered_on.isoformat()}}
    for assignment in people.assignments:
        yield {"appoint": asdict(assignment)}

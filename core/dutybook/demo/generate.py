"""Synthetic companies of any size, made piece by piece: the same numbers and seed give the same bytes."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice
from random import Random
from typing import TextIO

import orjson

from dutybook.demo import words
from dutybook.demo.company import Department, Organisation, Position
from dutybook.demo.people import FIRST_ENTRY, Assignment, Employee
from dutybook.errors import BadInput

ORGANISATION = Organisation("SYN", "苍梧岭电力集团有限公司")
MOST_STATIONS = 8
SPARE_SEAT_EVERY = 9
DAYS_OF_ENTRY = (date(2025, 12, 31) - FIRST_ENTRY).days


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A company of exact size that is composed while it is read; nothing of it is kept."""

    department_count: int
    position_count: int
    duty_count: int
    employee_count: int
    seed: int

    def departments(self) -> Iterator[Department]:
        """Departments with their posts and duties, parents before children."""
        rng = Random(f"{self.seed}/duties")
        for index, frame in enumerate(islice(_frames(self.department_count), self.department_count)):
            yield self._department(index, frame, rng)

    def staff(self) -> Iterator[tuple[Employee, Assignment]]:
        """People and their primary posts, in the order of departments; names do not repeat within one."""
        rng = Random(f"{self.seed}/staff")
        for index in range(self.department_count):
            names: set[str] = set()
            for post in self._posts(index):
                for number in self._incumbents(post):
                    yield _employee(number, _new_name(names, rng), rng), Assignment(_number(number), _code(post))

    def _posts(self, department: int) -> range:
        return _portion(self.position_count, self.department_count, department)

    def _incumbents(self, post: int) -> range:
        return _portion(self.employee_count, self.position_count, post)

    def _department(self, index: int, frame: "_Frame", rng: Random) -> Department:
        posts, titles = self._posts(index), _titles(frame.kind, index)
        above = None if frame.parent is None else self._head(frame.parent)
        positions = tuple(
            self._position(post, next(titles), above if post == posts.start else self._head(index), rng)
            for post in posts
        )
        return Department(
            code=f"D{index + 1:05}",
            name=frame.name,
            kind=frame.kind,
            category=frame.category,
            quota=sum(position.headcount for position in positions),
            parent=None if frame.parent is None else f"D{frame.parent + 1:05}",
            positions=positions,
        )

    def _head(self, department: int) -> str | None:
        posts = self._posts(department)
        return _code(posts.start) if posts else None

    def _position(self, post: int, title: str, reports_to: str | None, rng: Random) -> Position:
        return Position(
            code=_code(post),
            title=title,
            grade=str(rng.randint(6, 15)),
            headcount=len(self._incumbents(post)) + (post % SPARE_SEAT_EVERY == 0),
            reports_to=reports_to,
            deputy_of=None,
            substitutes=(),
            sections=(),
            note=None,
            duties=tuple(_duties(len(_portion(self.duty_count, self.position_count, post)), rng)),
        )


@dataclass(frozen=True, slots=True)
class _Frame:
    """A department before it has posts; `parent` is an index."""

    name: str
    kind: str
    category: str
    parent: int | None


def generate(departments: int, positions: int, duties: int, employees: int, seed: int) -> Synthetic:
    """A synthetic company of exactly these sizes."""
    sizes = {"departments": departments, "positions": positions, "duties": duties, "employees": employees}
    for name, size in sizes.items():
        if size < 0:
            raise BadInput(f"{name} 不能是负数：{size}", f"{name} must not be negative: {size}", path=[name])
    for inner, outer in (("positions", "departments"), ("duties", "positions"), ("employees", "positions")):
        if sizes[inner] and not sizes[outer]:
            raise BadInput(
                f"{inner} 为 {sizes[inner]}，{outer} 却是 0；请把 {outer} 设为至少 1",
                f"{inner} is {sizes[inner]} but {outer} is 0; make {outer} at least 1",
                path=[outer],
            )
    return Synthetic(departments, positions, duties, employees, seed)


def write_text(company: Synthetic, out: TextIO) -> None:
    """The duty catalogue as printed: chapters 一、, departments on a line, posts (一), duties 1."""
    out.write(f"{ORGANISATION.name}岗位职责汇编\n\n")
    category, chapters = None, count(1)
    for department in company.departments():
        if department.category != category:
            category = department.category
            out.write(f"{words.numeral(next(chapters))}、{category}\n\n")
        out.write(f"{department.name}\n\n")
        out.writelines(_printed(number, position) for number, position in enumerate(department.positions, start=1))


def write_json_lines(company: Synthetic, out: TextIO) -> None:
    """One JSON object a line: the organisation, then departments, employees and assignments, each with its `record`."""
    out.write(_line("organisation", ORGANISATION))
    out.writelines(_line("department", department) for department in company.departments())
    for employee, assignment in company.staff():
        out.write(_line("employee", employee))
        out.write(_line("assignment", assignment))


STAFF_TABLE = {
    "工号": "number",
    "姓名": "name",
    "用工性质": "employment_type",
    "状态": "status",
    "入职日期": "entered_on",
    "办公电话": "office_phone",
    "短号": "short_number",
    "邮箱": "email",
    "房间": "room",
}


def write_staff(company: Synthetic, out: TextIO) -> None:
    """Everybody as a table that `staff import` reads; departments and posts are called as the catalogue prints them."""
    table = csv.writer(out, lineterminator="\n")
    places = {post.code: (home.name, post.title) for home in company.departments() for post in home.positions}
    table.writerow([*STAFF_TABLE, "部门", "岗位", "任职方式"])
    for employee, held in company.staff():
        table.writerow([*(getattr(employee, field) for field in STAFF_TABLE.values()), *places[held.position], "主岗"])


FORMS = {".txt": write_text, ".csv": write_staff}


def write(company: Synthetic, out: TextIO, suffix: str) -> None:
    """The form that a file's suffix asks for: `.txt` the printed catalogue, `.csv` the staff table, else JSON lines."""
    FORMS.get(suffix, write_json_lines)(company, out)


def _line(record: str, value: Organisation | Department | Employee | Assignment) -> str:
    return orjson.dumps({"record": record, "value": value}).decode() + "\n"


def _printed(number: int, position: Position) -> str:
    duties = "".join(f"{ordinal}.{text}\n" for ordinal, text in enumerate(position.duties, start=1))
    return f"（{words.numeral(number)}）{position.title}岗位职责\n\n{duties}\n"


def _portion(total: int, holders: int, index: int) -> range:
    """Which of `total` things the holder at `index` gets when they are spread evenly in order."""
    size, rest = divmod(total, holders)
    first = index * size + min(index, rest)
    return range(first, first + size + (index < rest))


def _code(post: int) -> str:
    return f"P{post + 1:06}"


def _number(employee: int) -> str:
    return f"E{employee + 1:07}"


def _frames(size: int) -> Iterator[_Frame]:
    """An endless tree, shaped for about `size` departments: offices, units of production, units of service."""
    offices = words.OFFICES[: max(1, size // 4)]
    for name in offices:
        yield _Frame(name, "职能部室", "机关类", None)
    stations = min(2 + size // 300, MOST_STATIONS)
    unit_size = 1 + stations * (1 + words.TEAMS_PER_STATION)
    production = (size - len(offices)) // unit_size * 2 // 3
    for number in count():
        index = len(offices) + number * unit_size
        if number < production:
            yield from _unit("生产类", number, index, stations)
        else:
            yield from _unit("经营服务类", number - production, index, stations)


def _unit(category: str, number: int, index: int, stations: int) -> Iterator[_Frame]:
    """A unit, its stations and the teams of each; `index` is the unit's own place in the list."""
    kinds = words.UNITS[category]
    serial, kind = divmod(number, len(kinds))
    unit, station, teams = kinds[kind]
    home = words.place(serial)
    yield _Frame(home + unit, "二级单位", category, None)
    for ordinal in range(stations):
        place = home + words.PLACES[(serial + ordinal + 1) % len(words.PLACES)]
        at = index + 1 + ordinal * (1 + len(teams))
        yield _Frame(place + station, "站所", category, index)
        for team in teams:
            yield _Frame(place + team, "班组", category, at)


def _titles(kind: str, start: int) -> Iterator[str]:
    """Titles without end and without repetition: heads, then a trade with a role, then the same by level."""
    yield from words.HEADS[kind]
    trades, roles = len(words.TRADES), len(words.ROLES)
    for step in count():
        level, place = divmod(step, trades * roles)
        trade, role = (place + start) % trades, (place // trades + place) % roles
        yield f"{words.numeral(level + 1) + '级' if level else ''}{words.TRADES[trade]}{words.ROLES[role]}"


def _duties(size: int, rng: Random) -> Iterator[str]:
    """Duties of one post, each about another object; now and then the last one catches all that is left."""
    first = rng.randrange(len(words.OBJECTS))
    for ordinal in range(size):
        if ordinal == size - 1 and size > 1 and rng.random() < 0.3:
            yield rng.choice(words.CATCH_ALLS)
        else:
            yield _duty(ordinal, words.OBJECTS[(first + ordinal * 7) % len(words.OBJECTS)], rng)


def _duty(ordinal: int, thing: str, rng: Random) -> str:
    verb = rng.choice(words.LEADING_VERBS) if ordinal == 0 and rng.random() < 0.3 else rng.choice(words.VERBS)
    return f"{verb}{rng.choice(words.CYCLES)}{thing}，{rng.choice(words.PURPOSES)}。"


def _new_name(names: set[str], rng: Random) -> str:
    name = words.person_name(rng)
    while name in names:
        name = words.person_name(rng)
    names.add(name)
    return name


def _employee(number: int, name: str, rng: Random) -> Employee:
    return Employee(
        number=_number(number),
        name=name,
        employment_type=rng.choice(("合同制", "合同制", "合同制", "劳务派遣", "集体")),
        status="在职",
        entered_on=FIRST_ENTRY + timedelta(days=rng.randrange(DAYS_OF_ENTRY)),
        office_phone=f"0000-{number:08}",
        short_number=f"{number:07}",
        email=f"{_number(number).lower()}@cangwuling.example.invalid",
        room=f"{rng.randint(1, 12)}层{rng.randint(1, 30):02}室",
    )

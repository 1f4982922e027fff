"""The 300 people of the demo company: names, offices and the posts they hold, the same every time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from dutybook.demo.company import Company, Department, Position, company
from dutybook.demo.words import person_name

SEED = 2025
EMPLOYEES = 300
FIRST_ENTRY, LAST_ENTRY = date(1990, 7, 1), date(2024, 11, 30)
LED_BY_AN_ACTING_HEAD, ACTING_FROM = "XT-01", "XT-04"


@dataclass(frozen=True, slots=True)
class Employee:
    """A person as the core knows one; every contact is invented and leads nowhere."""

    number: str
    name: str
    employment_type: str
    status: str
    entered_on: date
    office_phone: str
    short_number: str
    email: str
    room: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A person on a post: `kind` is PRIMARY 主岗, CONCURRENT 兼岗, ACTING 代理 or SECONDED 借调."""

    employee: str
    position: str
    kind: str = "PRIMARY"
    share: int = 100
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody, in order of their numbers, and who holds which post on the first day."""

    employees: tuple[Employee, ...]
    assignments: tuple[Assignment, ...]


Seat = tuple[Department, Position]


@cache
def staff() -> Staff:
    """The people of the demo company on the first day of its book."""
    return people(company(), EMPLOYEES, SEED)


def people(firm: Company, count: int, seed: int) -> Staff:
    """Fills `count` of a company's seats; who entered early tends to sit high."""
    rng = Random(seed)
    seats = _by_seniority(_taken(firm, count, rng), rng)
    names, days = _names(count, rng), _entry_days(count, rng)
    employees = tuple(
        _employee(number, name, day, seat, rng)
        for number, (name, day, seat) in enumerate(zip(names, days, seats, strict=True), start=1)
    )
    primary = {e.number: Assignment(e.number, post.code) for e, (_, post) in zip(employees, seats, strict=True)}
    return Staff(employees, tuple(_with_second_posts(firm, primary, rng)))


def _taken(firm: Company, count: int, rng: Random) -> list[Seat]:
    """Seats that are filled; heads all but one, the others by lot."""
    heads = {department.head.code for department in firm.departments}
    seats = [(department, post) for department, post in firm.positions() for _ in range(post.headcount)]
    certain = [seat for seat in seats if seat[1].code in heads and seat[1].code != LED_BY_AN_ACTING_HEAD]
    others = [seat for seat in seats if seat[1].code not in heads]
    return certain + rng.sample(others, count - len(certain))


def _by_seniority(seats: Sequence[Seat], rng: Random) -> list[Seat]:
    return sorted(seats, key=lambda seat: -int(seat[1].grade) - rng.uniform(0, 8))


def _names(count: int, rng: Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names[person_name(rng)] = None
    return list(names)


def _entry_days(count: int, rng: Random) -> list[date]:
    span = (LAST_ENTRY - FIRST_ENTRY).days
    return sorted(FIRST_ENTRY + timedelta(days=rng.randrange(span + 1)) for _ in range(count))


def _employee(number: int, name: str, entered_on: date, seat: Seat, rng: Random) -> Employee:
    department, post = seat
    return Employee(
        number=f"E{number:04}",
        name=name,
        employment_type=_employment_type(int(post.grade), rng),
        status="在职",
        entered_on=entered_on,
        office_phone=f"0000-55{number:05}",
        short_number=f"6{number:04}",
        email=f"e{number:04}@qingxi.example.invalid",
        room=f"{department.name}{rng.randint(1, 4)}0{rng.randint(1, 9)}室",
    )


def _employment_type(grade: int, rng: Random) -> str:
    weights = (50, 35, 15) if grade <= 8 else (94, 1, 5)
    return rng.choices(("合同制", "劳务派遣", "集体"), weights)[0]


def _with_second_posts(firm: Company, primary: Mapping[str, Assignment], rng: Random) -> Iterator[Assignment]:
    """Primary posts, some of them suspended or shared, and what people hold besides."""
    acting = next(number for number, held in primary.items() if held.position == ACTING_FROM)
    heads = {department.head.code for department in firm.departments}
    drawn = rng.sample([n for n, held in primary.items() if held.position not in heads and n != acting], 25)
    shares = {number: rng.choice((50, 60, 70, 80)) for number in drawn[:14]}
    seconded, away = drawn[14:22], set(drawn[14:])
    for number, held in primary.items():
        yield Assignment(number, held.position, share=shares.get(number, 100), suspended=number in away)
    for number, share in shares.items():
        yield Assignment(number, rng.choice(_beside(firm, primary[number])), "CONCURRENT", 100 - share)
    for number in seconded:
        yield Assignment(number, rng.choice(_elsewhere(firm, primary[number])), "SECONDED")
    yield Assignment(acting, LED_BY_AN_ACTING_HEAD, "ACTING")


def _home(firm: Company, held: Assignment) -> Department:
    return next(department for department, post in firm.positions() if post.code == held.position)


def _beside(firm: Company, held: Assignment) -> list[str]:
    """The other posts of one's own department, but for its head's."""
    return [post.code for post in _home(firm, held).positions[1:] if post.code != held.position]


def _elsewhere(firm: Company, held: Assignment) -> list[str]:
    """Specialists' posts of other departments, to which people are lent."""
    home = _home(firm, held)
    return [post.code for department, post in firm.positions() if department != home and post.title.endswith("专责")]

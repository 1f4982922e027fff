"""`python -m tests.bench.costing [--slips N] [--only sqlite|postgresql]`: a month of slips settled, by time and memory."""

import argparse
import json
import resource
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, insert, select
from typer.testing import CliRunner

from dutybook.access.actor import OPERATOR
from dutybook.services.periods import open_period
from dutybook.testing.book import FOUNDED, TestBook, opened, prepared
from dutybook_cost import plugin
from dutybook_cost.cli import app
from dutybook_cost.models import Charge, Line, Member, Shift, Slip, table
from tests.backends import Backend, Postgres, Sqlite
from tests.postgres import postgres

SEED, MONTH, FIRST = 5, "2026-03", date(2026, 3, 1)
DAYS, LABELS, MATERIALS, PEOPLE = 30, ("早班", "中班", "夜班"), 50, 20
GOAL_SECONDS, GOAL_BYTES = 20, 500 * 2**20
PLUGINS, FOUND = prepared([plugin])


def found(url: str) -> None:
    """A team of twenty, fifty materials with quotas, and the settings."""
    FOUND(url)
    with opened(url, PLUGINS) as book:
        book.apply(*_section(), on=FOUNDED)
        with book.book.database.write() as session:
            open_period(session, book.book, OPERATOR, MONTH)


def _section() -> Iterator[dict[str, dict[str, Any]]]:
    yield {"openDepartment": {"name": "采煤一区"}}
    yield {"openPosition": {"title": "采煤工", "department": "D001", "headcount": PEOPLE}}
    yield from ({"openEmployee": {"name": f"矿工{number}"}} for number in range(PEOPLE))
    yield {"openCostCentre": {"name": "生产一班", "department": "D001", "team": "PRODUCTION"}}
    how = {"quotaAdjustment": "NONE", "belowMinimum": "CAP", "hazardBase": "QUOTA"}
    yield {"openCostPolicy": {**how, "rewardRate": "1", "oddJobs": "SECTION"}}
    split = {"per": "吨", "reserve": "10", "production": "60", "electromech": "40", "rate": "2.5"}
    for number in range(MATERIALS):
        about = {"name": f"材料{number}", "unit": "个", "size": "SMALL", "visibility": "VISIBLE"}
        yield {"openCostMaterial": {**about, "code": f"B{number:03}", "price": f"{number + 1}.37"}}
        yield {"openCostQuota": {"material": f"B{number:03}", **split}}


def fill(book: TestBook, slips: int) -> int:
    """Writes shifts, crews and slips in bulk: what is timed is settling."""
    keys = {kind: _keys(book, kind) for kind in ("cost_centre", "department", "position", "employee", "cost_material")}
    by = {"recorded_by": "bench", "recorded_at": datetime(2026, 4, 1, tzinfo=UTC)}
    where = {"centre": keys["cost_centre"][0], "department": keys["department"][0], "section": keys["department"][0]}
    turns = [(FIRST + timedelta(days=day), label) for day in range(DAYS) for label in LABELS]
    output = {"team": "PRODUCTION", "sections_milli": 6_000, "tons_milli": 120_000}
    shifts = [
        {**by, **where, **output, "id": at, "day": day, "label": label} for at, (day, label) in enumerate(turns, 1)
    ]
    crew = [
        {
            **by,
            "shift": shift["id"],
            "employee": it,
            "position": keys["position"][0],
            "points_centi": 800 + it % 5 * 50,
            "odd": False,
        }
        for shift in shifts
        for it in keys["employee"]
    ]
    with book.book.database.write() as session:
        session.execute(insert(table(Shift)), shifts)
        session.execute(insert(table(Member)), crew)
        for chunk in _chunks(slips, len(shifts), keys, by):
            session.execute(insert(table(Slip)), chunk)
    return len(shifts)


def _chunks(slips: int, shifts: int, keys: dict[str, list[int]], by: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    random = Random(SEED)
    for start in range(0, slips, 5_000):
        yield [
            {
                **by,
                "number": f"L{number:07}",
                "shift": random.randrange(shifts) + 1,
                "material": random.choice(keys["cost_material"]),
                "sort": "RETURN" if random.random() < 0.05 else "ISSUE",
                "quantity_milli": random.randrange(100, 9_000),
                "signed_by": "区长",
                "person": None,
                "users": json.dumps(sorted(random.sample(keys["employee"], 2))),
                "late_reason": None,
            }
            for number in range(start, min(start + 5_000, slips))
        ]


def _keys(book: TestBook, kind: str) -> list[int]:
    identities = book.book.tables.identities[kind]
    with book.session() as session:
        return list(session.scalars(select(identities.c.key).order_by(identities.c.key)))


def measure(backend: Backend, slips: int) -> None:
    """Settles once, and once more without new facts."""
    with backend.database(found) as url, opened(url, PLUGINS) as book:
        book.clock.moment = datetime(2026, 4, 2, 4, tzinfo=UTC)
        shifts = fill(book, slips)
        seconds, used = _settle(book)
        again, _ = _settle(book)
        with book.session() as session:
            rows = [session.scalar(select(func.count()).select_from(model)) for model in (Line, Charge)]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        told = "reached" if seconds < GOAL_SECONDS and peak < GOAL_BYTES else "MISSED"
        print(  # noqa: T201
            f"{backend.name}: {slips} slips, {shifts} shifts, {rows[0]} lines, {rows[1]} charges: {seconds:.1f} s"
            f" ({used:.1f} s of this process), again {again:.1f} s, peak {peak / 2**20:.0f} MB: {told}"
        )


def _settle(book: TestBook) -> tuple[float, float]:
    begun, used = perf_counter(), process_time()
    done = CliRunner().invoke(app, ["settle", MONTH], obj=SimpleNamespace(book=book.book), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return perf_counter() - begun, process_time() - used


def main() -> None:
    """Both databases in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slips", type=int, default=200_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.only != "postgresql":
            measure(Sqlite(folder), asked.slips)
        if asked.only != "sqlite":
            measure(Postgres(stack.enter_context(postgres(fast=False))), asked.slips)


if __name__ == "__main__":
    main()

"""`python -m tests.bench [--small] [--only sqlite|postgresql]`: what queries, imports and publishing cost, on both databases."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple

from dutybook.testing.databases import run_sql
from tests.backends import Backend, Postgres, Sqlite
from tests.bench import report
from tests.bench.book import FIRST_DAY, SEED, Size, change_headcounts, grow_history, opened, put_in_tree
from tests.bench.idle import PAIRS, enabled, publication_cost, with_idle_plugins
from tests.bench.importing import Import, measured
from tests.bench.report import Figures, Measured, Versus
from tests.bench.searching import sorts
from tests.bench.servers import Server, ours, reference, serving
from tests.bench.statements import statements
from tests.bench.workloads import MEANING, Workload
from tests.postgres import postgres

CONNECTIONS = 16
ROSTER, SMALL = Size(16, 92, 704), Size(16, 101, 810)
IMPORT_SECONDS = {"sqlite": 60, "postgresql": 120}


class Run(NamedTuple):
    """How long and how large."""

    big: Size
    rounds: int
    seconds: float
    revisions: int
    changes: int


FULL = Run(Size(2_000, 50_000, 400_000), 5, 2.0, 200, 1_000)
QUICK = Run(Size(60, 1_500, 12_000), 2, 1.0, 20, 100)


class Bench:
    """All measurements on one database."""

    def __init__(self, backend: Backend, run: Run, folder: Path) -> None:
        self.backend, self.run, self.folder = backend, run, folder
        self.versus: list[Versus] = []
        self.goals: list[Measured] = []

    def all(self) -> None:
        """Each in turn."""
        with self.backend.database() as url:
            self._import(url, ROSTER, 1)
        with self.backend.database() as url:
            self._import(url, SMALL, None)
            self._settle(url)
            self._compare(url, [Workload("W1", [{}])])
            self._add_plugins(url, [Workload("W1", [{}])])
            self._go_back(url)
        with self.backend.database() as url:
            self._import(url, self.run.big, IMPORT_SECONDS[self.backend.name] if self.run is FULL else None)
            self._publish(url)
            self._settle(url)
            self._compare(url, list(_asked(self.run.big)), idle=True)
            self._search(url)
            self._add_plugins(url, list(_asked(self.run.big)))
            self._publish_with_plugins(url)

    def _note(self, what: str, figure: float, unit: str, most: float | None = None, remark: str = "") -> None:
        self.goals.append(Measured(self.backend.name, what, figure, unit, most, remark))

    def _import(self, url: str, size: Size, most: float | None) -> None:
        tell(f"{self.backend.name}: import {size}")
        file = size.printed(self.folder)
        with opened(url):
            first, again = measured(url, file), measured(url, file)
        assert again.changes == 0, again
        self._note(f"import {size}", first.total, "s", most, _steps(first))
        self._note(f"import {size}: peak memory", first.peak, "MB", 500)
        self._note(f"import {size} again", again.total, "s", None, _steps(again))

    def _publish(self, url: str) -> None:
        with opened(url) as book:
            put_in_tree(book, self.run.big.parents())
            seconds = change_headcounts(book, self.run.changes)
        self._note(f"publish {self.run.changes:,} changes", seconds, "s", 2)

    def _publish_with_plugins(self, url: str) -> None:
        tell(f"{self.backend.name}: publish with and without idle plugins")
        ratio, noise = publication_cost(url, self.run.changes)
        what = f"publish {self.run.changes:,} changes with 3 idle plugins, beside without"
        self._note(what, ratio, "×", 1 + max(noise, 0.03), f"{PAIRS} pairs; noise ± {noise:.0%}")

    def _add_plugins(self, url: str, workloads: Sequence[Workload]) -> None:
        """What three plugins that do nothing cost a reader."""
        make = with_idle_plugins(self.folder)
        with (
            enabled(make, url),
            serving(ours, url) as alone,
            serving(make, url) as together,
            serving(ours, url) as again,
        ):
            for workload in workloads:
                tell(f"{self.backend.name}: {workload.name} with idle plugins")
                sides = {"alone": alone, "together": together, "again": again}
                rounds = self._rounds({name: (side, workload) for name, side in sides.items()}, PAIRS)
                pairs = zip(*(rounds[name] for name in sides), strict=True)
                costs = [(one["cpu"], two["cpu"] / one["cpu"], three["cpu"] / one["cpu"]) for one, two, three in pairs]
                noise = max(abs(cost[2] - 1) for cost in costs)
                what = f"{workload.name} with 3 idle plugins, CPU beside without"
                ratio = median(cost[1] for cost in costs)
                self._note(what, ratio, "×", 1 + max(noise, 0.03), f"{PAIRS} pairs; noise ± {noise:.0%}")

    def _settle(self, url: str) -> None:
        """What PostgreSQL does by itself within a minute."""
        if self.backend.name == "postgresql":
            run_sql(url, "VACUUM ANALYZE")

    def _compare(self, url: str, workloads: Sequence[Workload], *, idle: bool = False) -> None:
        with serving(ours, url) as mine, serving(reference, url) as other:
            if idle:
                self._note("start of a server until /livez answers", mine.started, "s", 2)
                self._note("memory of an idle server", mine.megabytes(), "MB", 150)
            for workload in workloads:
                tell(f"{self.backend.name}: {workload.name}")
                _demand_equal(mine, other, workload)
                rounds = self._rounds({"mine": (mine, workload), "other": (other, workload)})
                count = statements(url, workload.bodies()[0])
                what = f"{workload.name} {MEANING[workload.name]}"
                self.versus.append(Versus(self.backend.name, what, rounds["mine"], rounds["other"], count))
            if idle:
                self._note("memory of a server after the load", mine.megabytes(), "MB")

    def _rounds(
        self, sides: Mapping[str, tuple[Server, Workload]], rounds: int | None = None
    ) -> dict[str, list[Figures]]:
        """Turn and turn about, since the machine is never equally busy for long."""
        found: dict[str, list[Figures]] = {name: [] for name in sides}
        for _ in range(rounds or self.run.rounds):
            for name, (server, workload) in sides.items():
                figures = server.load(workload.bodies(), CONNECTIONS, self.run.seconds)
                assert not figures["failed"], (name, workload.name, figures)
                found[name].append(figures)
        return found

    def _search(self, url: str) -> None:
        """One at a time, since it is the slowest answers that count."""
        with serving(ours, url) as mine, opened(url) as book:
            for sort in (sort for sort in sorts(url) if sort.words):
                tell(f"{self.backend.name}: {sort.what}")
                bodies = Workload("W5", [{"word": word} for word in sort.words]).bodies()
                for body in bodies:
                    assert "errors" not in mine.ask(body), body
                rounds = [mine.load(bodies, 1, self.run.seconds) for _ in range(self.run.rounds)]
                p50, p99, cpu = (median(figures[name] for figures in rounds) for name in ("p50", "p99", "cpu"))
                remark = f"p50 {p50:.1f} ms, CPU {cpu:.1f} ms; LIKE in the database alone {sort.like(book):.0f} ms"
                self._note(f"search, {sort.what}: p99", p99, "ms", sort.most, remark)

    def _go_back(self, url: str) -> None:
        """The cost of a past day beside that of today, with many revisions in between."""
        tell(f"{self.backend.name}: {self.run.revisions} revisions")
        with opened(url) as book:
            grow_history(book, self.run.revisions)
        self._settle(url)
        past: dict[str, Any] = {"asOf": FIRST_DAY.isoformat()}
        middle = {"asOf": (FIRST_DAY + timedelta(days=self.run.revisions // 2)).isoformat()}
        times = {
            "today": {},
            "on the first day": past,
            "half way": middle,
            "on the first day as known then": {**past, "knownAt": 1},
        }
        with serving(ours, url) as mine:
            rounds = self._rounds({name: (mine, Workload("W1", [said])) for name, said in times.items()})
        for name in list(times)[1:]:
            ratio = median(a["rate"] / b["rate"] for a, b in zip(rounds["today"], rounds[name], strict=True))
            what = f"W1 {name}, of {self.run.revisions} revisions, cost beside today"
            self._note(what, ratio, "×", 1.3, f"{median(each['rate'] for each in rounds[name]):,.0f} r/s")


def _steps(done: Import) -> str:
    steps = f"read {done.read:.2f}, reconcile and stage {done.reconcile:.2f}, publish {done.publish:.2f}"
    return f"{steps}; CPU {done.cpu:.2f} s; {done.peak:.0f} MB"


def _asked(size: Size) -> Iterator[Workload]:
    """Different departments, positions and words, so that nobody is asked for the same again and again."""
    rng = Random(SEED)
    yield Workload("W2", [{"code": f"D{rng.randint(1, size.departments):03}"} for _ in range(200)])
    yield Workload("W3", [{"code": f"P{rng.randint(1, size.positions):04}"} for _ in range(500)])
    yield Workload("W4", [{"word": word} for word in ("主任", "专责", "班", "调度", "检修", "安全", "营销", "计量")])


def _demand_equal(mine: Server, other: Server, workload: Workload) -> None:
    for body in workload.bodies()[:50]:
        one, two = mine.ask(body), other.ask(body)
        assert one == two, f"{body.decode()}\n{str(one)[:2000]}\n{str(two)[:2000]}"


def tell(what: str) -> None:
    """Progress, apart from the tables."""
    sys.stderr.write(f"bench: {what}\n")


def main() -> None:
    """Measures and prints; no figure makes it fail."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a minute of small sizes, to see that it works")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    said = parser.parse_args()
    run, done, before = QUICK if said.small else FULL, list[Bench](), os.getloadavg()[0]
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        if said.only != "postgresql":
            done.append(Bench(Sqlite(folder), run, folder))
        if said.only != "sqlite":
            done.append(Bench(Postgres(held.enter_context(postgres())), run, folder))
        for bench in done:
            bench.all()
    busy = f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    advice = "where others kept the processors busy, trust the ratios and the CPU figures, not the seconds"
    sys.stdout.write(f"\n{os.cpu_count()} processors, {busy}: {advice}.\n")
    sys.stdout.write("\n" + report.versus(line for bench in done for line in bench.versus))
    sys.stdout.write("\n" + report.goals(line for bench in done for line in bench.goals))


if __name__ == "__main__":
    main()

"""Jobs of one plugin: a run and the setting of its next time are one commit, and the row of the job is the lease."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import structlog
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from dutybook.book.clock import Clock
from dutybook.errors import Refused
from dutybook.lifecycle.calling import PluginFailure, call
from dutybook.lifecycle.gifts import Job
from dutybook.lifecycle.guard import HookCall
from dutybook.lifecycle.plugins import Loaded
from dutybook.outbox.failures import judged, reason
from dutybook.outbox.host import Host
from dutybook.outbox.leases import backoff, insert_missing, lease

log = structlog.stdlib.get_logger()

SECONDS = 60.0
SQLITE_SECONDS = 20.0
"""How long a run may take; on SQLite everybody else who writes waits for it, and gives up after 30 s."""


def next_due(job: Job, due: datetime, now: datetime, clock: Clock) -> datetime:
    """When a job that was due is due next; what was missed meanwhile is not made up for."""
    if job.every:
        return max(due + job.every, now)
    today = datetime.combine(now.astimezone(clock.zone), job.at or datetime.min.time(), clock.zone)
    days = (today + timedelta(days=ahead) for ahead in (0, 1))
    return next(day for day in days if day > now)


def first_due(job: Job, now: datetime, clock: Clock) -> datetime:
    """At once, or at its time of day."""
    return now if job.every else next_due(job, now, now, clock)


class Jobs:
    """Runs what is due of one plugin's jobs."""

    def __init__(self, host: Host, plugin: Loaded) -> None:
        self.host, self.plugin = host, plugin
        self.table = host.database.tables["plugin_job"]
        self.seconds = SQLITE_SECONDS if host.database.is_sqlite else SECONDS

    @cached_property
    def jobs(self) -> Sequence[Job]:
        """What the plugin has contributed."""
        jobs = tuple(self.host.plugins.ask(self.plugin, "contribute_jobs"))
        for job in jobs:
            if (job.every is None) == (job.at is None) or (job.every is not None and job.every <= timedelta(0)):
                zh = f"插件 {self.plugin.name} 的任务 {job.name} 须给出 every（大于零）或 at 其中之一。"
                en = f"Job {job.name} of plugin {self.plugin.name} must say one of every, more than zero, and at."
                raise Refused(zh, en, path=[self.plugin.name, job.name])
        return jobs

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.host.clock.now()

    def step(self) -> bool:
        """Runs each job that is due; whether one was."""
        with self.host.database.read() as session:
            known = {row.name: row.due_at for row in session.execute(self._ours())}
        if missing := [job for job in self.jobs if job.name not in known]:
            self._insert(missing)
            return True
        ran = [self._run(job) for job in self.jobs if known[job.name] <= self.now]
        return any(ran)

    def _ours(self, *names: str) -> Any:
        ours = select(self.table).where(self.table.c.plugin == self.plugin.name)
        return ours.where(self.table.c.name.in_(names)) if names else ours

    def _insert(self, jobs: Sequence[Job]) -> None:
        now, fresh = self.now, {"plugin": self.plugin.name, "ran_at": None, "error": None, "attempts": 0}
        rows = [{**fresh, "name": job.name, "due_at": first_due(job, now, self.host.clock)} for job in jobs]
        with self.host.database.write() as session:
            insert_missing(session, self.host.database, self.table, rows)

    def _run(self, job: Job) -> bool:
        row: Row[Any] | None = None
        try:
            with judged(self.plugin.name, f"job {job.name}"), self.host.database.write() as session:
                row = self._claim(session, job)
                if row is None:
                    return False
                self._call(session, job)
                due = next_due(job, row.due_at, self.now, self.host.clock)
                self._set(session, row, due_at=due, ran_at=self.now, error=None, attempts=0)
        except PluginFailure as failure:
            if row is None:
                raise
            self._failed(row, failure)
        return True

    def _claim(self, session: Session, job: Job) -> Row[Any] | None:
        """The row of a job that is due still, locked; None where another worker was faster."""
        ours = self._ours(job.name).add_columns(*lease(self.host.database, self.seconds))
        due = ours.where(self.table.c.due_at <= self.now).with_for_update(of=self.table, skip_locked=True)
        found: Row[Any] | None = session.execute(due).one_or_none()
        return found

    def _call(self, session: Session, job: Job) -> None:
        it, hooks = HookCall(self.plugin.name, f"job {job.name}", self.plugin.tables), self.host.hooks(session)

        def run() -> None:
            job.run(session)
            session.flush()

        call(run, it, self.seconds, hooks.measures, session)

    def _failed(self, row: Row[Any], failure: PluginFailure) -> None:
        log.warning("job failed", plugin=self.plugin.name, job=row.name, attempts=row.attempts + 1)
        later = self.now + backoff(row.attempts + 1)
        with self.host.database.write() as session:
            self._set(session, row, due_at=later, error=reason(failure), attempts=row.attempts + 1)

    def _set(self, session: Session, row: Row[Any], **values: object) -> None:
        """Writes what became of a run, unless another worker has written about the same one."""
        same = (self.table.c.plugin == row.plugin, self.table.c.name == row.name, self.table.c.due_at == row.due_at)
        session.execute(update(self.table).where(*same).values(**values))

"""One import in a process of its own, as `dutybook catalogue import --publish` does it: seconds of each step, peak memory."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import orjson

from dutybook.access.actor import OPERATOR
from dutybook.catalogue.read import read_bytes
from dutybook.catalogue.roster import roster_of
from dutybook.cli import collect_seldom
from dutybook.services.changesets import publish
from dutybook.services.import_catalogue import import_catalogue
from tests.bench.book import FIRST_DAY, opened
from tests.bench.servers import memory


class Import(NamedTuple):
    """What an import took, after the start of its process; `changes` is how many it published."""

    read: float
    reconcile: float
    publish: float
    cpu: float
    peak: float
    changes: int

    @property
    def total(self) -> float:
        """All steps."""
        return self.read + self.reconcile + self.publish


def measured(url: str, file: Path) -> Import:
    """Imports a file and tells what it took."""
    command = [sys.executable, "-m", "tests.bench.importing", url, str(file)]
    return Import(*orjson.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def run(url: str, file: Path) -> Import:
    """The same in this process."""
    with opened(url) as book:
        at, spent = [perf_counter()], process_time()
        [catalogue] = read_bytes(file.name, file.read_bytes()).catalogues
        roster = roster_of(catalogue, file.name)
        at.append(perf_counter())
        with book.database.write() as session:
            imported = import_catalogue(session, book, OPERATOR, roster, effective_on=FIRST_DAY)
            at.append(perf_counter())
            if imported.changeset:
                publish(session, book, OPERATOR, imported.changeset)
        at.append(perf_counter())
        read, reconciled, published = (after - before for before, after in pairwise(at))
        spent = process_time() - spent
    return Import(read, reconciled, published, spent, memory("self", "VmHWM"), sum(imported.done.values()))


if __name__ == "__main__":
    collect_seldom()
    sys.stdout.write(orjson.dumps([*run(sys.argv[1], Path(sys.argv[2]))]).decode())

"""Sealing the personal values of thousands of records by a few statements; a draft seals one record at a time."""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import cast

import orjson
from sqlalchemy.orm import Session

from dutybook.book.kinds import Value
from dutybook.book.personal import sealed
from dutybook.book.times import FOREVER, STILL_KNOWN, Time
from dutybook.db import staff
from dutybook.db.bulk import insert_rows
from dutybook.db.in_force import EVERYTHING
from dutybook.db.personal import ERASED
from dutybook.db.reads import Reading
from dutybook.services.book import Book

AT_ONCE = 10_000
"""Digests looked for by one statement."""


class Seals:
    """Digests of personal values, computed now; `keep` stores the clear values behind those that are used, and new secrets."""

    def __init__(self, session: Session, book: Book) -> None:
        self.session, self.book = session, book
        self._reading = Reading(book.database, Time(FOREVER, STILL_KNOWN - 1), EVERYTHING)
        self._secrets: dict[tuple[str, int], bytes] = {}
        self._fresh: dict[tuple[str, int], bytes] = {}
        self._clear: dict[str, tuple[str, int, str, Value]] = {}

    def know(self, kind: str, keys: Collection[int]) -> None:
        """Reads the secrets of records."""
        found = self.session.execute(staff.secrets(self._reading, kind, keys)) if keys else ()
        self._secrets |= {(kind, row.key): cast(bytes, row.secret) for row in found}

    def is_erased(self, kind: str, key: int) -> bool:
        """Whether the secret of a record was destroyed."""
        return self._secrets.get((kind, key)) == ERASED

    def seal(self, kind: str, key: int, name: str, value: Value) -> str | None:
        """The digest of a value; null stays null. A record without a secret gets one."""
        if value is None:
            return None
        secret = self._secrets.get((kind, key)) or self._new(kind, key)
        digest = str(sealed(secret, name, value))
        self._clear[digest] = kind, key, name, value
        return digest

    def _new(self, kind: str, key: int) -> bytes:
        if (kind, key) not in self._fresh:
            self._fresh[kind, key] = self.book.entropy(32)
        return self._fresh[kind, key]

    def keep(self, used: Collection[str]) -> None:
        """Stores what is not stored yet of these digests."""
        clear = {digest: self._clear[digest] for digest in used if digest in self._clear}
        missing = clear.keys() - self._known(digest for digest, it in clear.items() if it[:2] in self._secrets)
        owners = {clear[digest][:2] for digest in missing}
        secrets = [(*owner, secret) for owner, secret in self._fresh.items() if owner in owners]
        insert_rows(self.session, self.book.tables["personal_key"], ("kind", "key", "secret"), secrets)
        rows = ((digest, *clear[digest][:3], orjson.dumps(clear[digest][3]).decode()) for digest in sorted(missing))
        insert_rows(self.session, self.book.tables["personal_value"], ("digest", "kind", "key", "field", "value"), rows)

    def _known(self, digests: Iterable[str]) -> set[str]:
        """Those that are stored; under a secret that is new, none can be."""
        rest, found = iter(digests), set[str]()
        while some := list(islice(rest, AT_ONCE)):
            found |= set(self.session.scalars(staff.kept(self._reading, some)))
        return found

"""Which organisation each row of a staff table is about: the one that is asked for, or the one that the row names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Row as Record
from sqlalchemy.orm import Session

from dutybook.book.times import STILL_KNOWN, Time
from dutybook.catalogue.likeness import plain
from dutybook.catalogue.staff_book import near
from dutybook.catalogue.staff_rows import BadRow, Row
from dutybook.db import roster
from dutybook.db.in_force import EVERYTHING
from dutybook.db.reads import Reading
from dutybook.services.book import Book
from dutybook.services.catalogue_state import existing_state


class Homes:
    """The organisations in force on a day, by code and by name; `only` is the one that all rows are to be about."""

    def __init__(self, session: Session, book: Book, day: date, asked: str | None, rows: Sequence[Row]) -> None:
        reading = Reading(book.database, Time(day, STILL_KNOWN - 1), EVERYTHING)
        self._known: Sequence[Record[Any]] = session.execute(roster.organisations(reading)).all()
        self.only: int | None = None
        if asked or not any(row.said.get("organisation") for row in rows):
            found = existing_state(session, book, asked, day, EVERYTHING).organisation
            self.only = found.key if found else None

    @cached_property
    def _called(self) -> Mapping[str, set[int]]:
        found = defaultdict[str, set[int]](set)
        for row in self._known:
            found[plain(row.code)].add(row.key)
            found[plain(row.name)].add(row.key)
        return found

    def code(self, home: int) -> str:
        """What people call an organisation beside a number."""
        return next(str(one.code) for one in self._known if one.key == home)

    def settle(self, rows: Sequence[Row]) -> tuple[dict[int, list[Row]], list[BadRow]]:
        """The rows by their organisations, in the order in which these are named, and what is wrong with the others.

        A row that names none is about that of the others, or that of the other rows of its number. So is one that names a
        wrong one, since it says something of somebody of whom nothing is to be done then.
        """
        told = [self._home(row) for row in rows]
        all_of, by_number = dict[int, None](), defaultdict[object, set[int]](set)
        for row, home in zip(rows, told, strict=True):
            if isinstance(home, int):
                all_of[home] = None
                by_number[row.said.get("number")].add(home)
        fallback = self.only or (next(iter(all_of)) if len(all_of) == 1 else None)
        bad = [home for home in told if isinstance(home, BadRow)]
        housed: dict[int, list[Row]] = {}
        for row, home in zip(rows, told, strict=True):
            beside = by_number[row.said.get("number")]
            at = home if isinstance(home, int) else (next(iter(beside)) if len(beside) == 1 else fallback)
            if at is not None:
                housed.setdefault(at, []).append(row)
            elif home is None:
                zh, en = (
                    "缺少单位；文件涉及几个单位，每行都要写明",
                    "the organisation is missing, and the file is about several",
                )
                bad.append(row.bad("organisation", zh, en))
        return {home: some for home, some in housed.items() if self.only in {None, home}}, bad

    def _home(self, row: Row) -> int | BadRow | None:
        """The organisation that a row names; None where it names none."""
        said = row.said.get("organisation")
        if said is None:
            return None
        found = self._called.get(plain(str(said)), set())
        if len(found) != 1:
            return self._unknown(row, str(said)) if not found else self._ambiguous(row, found)
        [home] = found
        return home if self.only in {None, home} else self._other(row)

    def _unknown(self, row: Row, said: str) -> BadRow:
        zh, en = near(said, {one.name: f"{one.code} {one.name}" for one in self._known})
        zh = f"没有编号或名称为此的单位{zh}；请核对，或先在账册中设立"
        return row.bad(
            "organisation",
            zh,
            f"no organisation has this code or name{en}; check it, or open it in the book first",
        )

    def _ambiguous(self, row: Row, found: Iterable[int]) -> BadRow:
        some = "、".join(f"{one.code} {one.name}" for one in self._known if one.key in set(found))
        return row.bad(
            "organisation", f"不止一个单位：{some}；请写单位编号", f"several organisations fit: {some}; give the code"
        )

    def _other(self, row: Row) -> BadRow:
        only = next(one for one in self._known if one.key == self.only)
        zh = f"不是所导入的单位 {only.code} {only.name}；请不指明单位（--organisation）以一并导入，或另行导入"
        en = f"the import is about {only.code} {only.name}; leave out --organisation to import all, or import it by itself"
        return row.bad("organisation", zh, en)

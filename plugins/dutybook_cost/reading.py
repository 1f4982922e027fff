"""The book on a day, as far as costs need it; each kind is read once a day and kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from dutybook.api import Kind, name_of, records
from dutybook_cost.kinds import MATERIAL, POLICY, QUOTA, SHARE
from dutybook_cost.refusals import MissingQuota, MissingSetting, PriceGap
from dutybook_cost.rules.quota import Split, decompose
from dutybook_cost.rules.settlement import Policy

Rows = Mapping[int, Row[Any]]


def decoded(kind: Kind, name: str, stored: int) -> Decimal:
    """A decimal of a record: rows hold it as a whole number of its last place."""
    return Decimal(stored).scaleb(-kind.by_name[name].scale)


@dataclass
class Quota:
    """A quota as it holds for a centre: what its sort of team gets, in yuan per unit of output."""

    rate: Fraction
    area: frozenset[int]


@dataclass
class BookOn:
    """The records of one day. `known_at` is a revision, the newest unless said."""

    session: Session
    day: date
    known_at: int | None = None
    _quotas: dict[tuple[int, str], dict[int, Quota]] = field(default_factory=dict)
    _prices: dict[int, int] = field(default_factory=dict)

    @cached_property
    def centres(self) -> Rows:
        """The cost centres."""
        return self._rows("cost_centre")

    @cached_property
    def materials(self) -> Rows:
        """The materials."""
        return self._rows("cost_material")

    @cached_property
    def departments(self) -> Rows:
        """The departments."""
        return self._rows("department")

    @cached_property
    def posts(self) -> Mapping[int, int]:
        """The department of each position."""
        return {key: row.department for key, row in self._rows("position").items()}

    @cached_property
    def liability(self) -> Mapping[int, Mapping[int, Decimal]]:
        """The liability shares of positions in each material."""
        found: dict[int, dict[int, Decimal]] = {}
        for row in self._rows("cost_share").values():
            found.setdefault(row.material, {})[row.position] = decoded(SHARE, "percent", row.percent)
        return found

    @cached_property
    def _policies(self) -> Mapping[int, Row[Any]]:
        return {row.organisation: row for row in self._rows("cost_policy").values()}

    def _rows(self, kind: str) -> Rows:
        rows = records(self.session, kind, self.day, self.known_at)
        return {row.key: row for row in self.session.execute(select(rows).order_by(rows.c.key))}

    def price(self, material: int) -> Decimal:
        """The unit price in force, in yuan; PriceGap where there is none."""
        row = self.materials.get(material)
        if row is None or row.price is None:
            raise PriceGap(name_of(self.session, "cost_material", material), self.day)
        return decoded(MATERIAL, "price", row.price)

    def myriad(self, material: int) -> int:
        """The same in whole ten-thousandths of a yuan, by which many slips are valued."""
        if material not in self._prices:
            self._prices[material] = int(self.price(material) * 10_000)
        return self._prices[material]

    def quotas(self, centre: int, team: str) -> Mapping[int, Quota]:
        """What each material's quota is for a centre: its own quota goes before that of all."""
        if (centre, team) not in self._quotas:
            rows = self._rows("cost_quota").values()
            ours = sorted((row for row in rows if row.centre in {None, centre}), key=lambda row: row.centre is not None)
            self._quotas[centre, team] = {row.material: _quota(row, team) for row in ours}
        return self._quotas[centre, team]

    def demand_quota(self, centre: int, team: str, material: int) -> Quota:
        """The same for one material; MissingQuota where there is none."""
        found = self.quotas(centre, team).get(material)
        if found is None:
            raise MissingQuota(
                name_of(self.session, "cost_material", material), name_of(self.session, "cost_centre", centre), self.day
            )
        return found

    def setting(self, centre: int, name: str) -> Any:
        """A setting that the source leaves open; MissingSetting names it and who may set it."""
        row = self._policies.get(self.centres[centre].organisation) if centre in self.centres else None
        found = getattr(row, name) if row is not None else None
        if found is None:
            raise MissingSetting(name, self.day)
        return found

    def policy(self, centre: int) -> Policy:
        """What the enterprise has set."""
        return Policy(
            self.setting(centre, "below_minimum"),
            self.setting(centre, "hazard_base"),
            decoded(POLICY, "reward_rate", self.setting(centre, "reward_rate")),
            self.setting(centre, "odd_jobs"),
        )

    def steps(self, centre: int) -> list[tuple[Decimal, Decimal]]:
        """The table by which quotas follow output: from which ratio on, which factor."""
        told = self.setting(centre, "adjustment_table")
        steps = json.loads(told) if isinstance(told, str) else told
        return [(Decimal(str(start)), Decimal(str(factor))) for start, factor in steps]

    def section(self, department: int) -> int:
        """The section that a team belongs to: the department above its own, or its own where there is none."""
        row = self.departments.get(department)
        return department if row is None or row.parent is None else int(row.parent)


def _quota(row: Row[Any], team: str) -> Quota:
    split = Split(*(decoded(QUOTA, it, getattr(row, it)) / 100 for it in ("reserve", "production", "electromech")))
    rate = decompose(decoded(QUOTA, "rate", row.rate), split).of(team)
    area = json.loads(row.area) if isinstance(row.area, str) else row.area
    return Quota(Fraction(rate), frozenset(area or ()))


@dataclass
class Book:
    """The book on any day, each read once."""

    session: Session
    known_at: int | None = None
    _days: dict[date, BookOn] = field(default_factory=dict)

    def on(self, day: date) -> BookOn:
        """The book on a day."""
        if day not in self._days:
            self._days[day] = BookOn(self.session, day, self.known_at)
        return self._days[day]

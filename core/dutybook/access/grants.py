"""Grants as people write them: `reader`, `editor@D001`, `approver@O01`, `editor@O01/D001`."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BigInteger, CompoundSelect, cast, literal, null, or_, select
from sqlalchemy.orm import Session

from dutybook.access.actor import Grant
from dutybook.access.identity import known_role
from dutybook.db.tables import Tables
from dutybook.errors import BadInput, NotFound


def read_grant(session: Session, tables: Tables, text: str) -> Grant:
    """The grant that is written so; an error names a role or a code that does not exist, or a code that many have."""
    role, at, place = text.partition("@")
    known_role(role)
    if not at:
        return Grant(role)
    found = session.execute(_places(tables, place)).all()
    if not found:
        zh = f"「{text}」：没有编号为「{place}」的部门或单位。请写成 {role}@D001、{role}@O01 或 {role}@O01/D001。"
        en = f"'{text}': no department or organisation has the code '{place}'. Write it like {role}@D001, {role}@O01 or {role}@O01/D001."
        raise NotFound(zh, en, path=["role"])
    if len(found) > 1:
        several = ", ".join(f"{role}@{row.organisation_code}/{row.department_code}" for row in found)
        raise BadInput(
            f"「{text}」不止一处，请写明：{several}。", f"'{text}' is ambiguous; write {several}.", path=["role"]
        )
    return Grant(role, found[0].organisation, found[0].department)


def write_grant(role: str, organisation: str | None, department: str | None) -> str:
    """How a grant is written, from the codes of its place."""
    place = "/".join(code for code in (organisation, department) if code)
    return f"{role}@{place}" if place else role


def places_of(session: Session, tables: Tables, texts: Collection[str]) -> Mapping[str, tuple[int | None, int | None]]:
    """The organisations and departments that places are written for with both codes, or an organisation's alone."""
    organisation, department = tables.identities["organisation"], tables.identities["department"]
    codes = {text.rpartition("/")[2] for text in texts}
    joined = select(organisation.c.code, organisation.c.key, department.c.code, department.c.key).join(
        organisation, organisation.c.key == department.c.organisation
    )
    rows = session.execute(joined.where(department.c.code.in_(codes))).all() if codes else ()
    whole = select(organisation.c.code, organisation.c.key).where(organisation.c.code.in_(codes))
    found = {code: (key, None) for code, key in (session.execute(whole) if codes else ())}
    return {**found, **{f"{above}/{code}": (None, key) for above, _, code, key in rows}}


def _places(tables: Tables, place: str) -> CompoundSelect[Any]:
    """Every organisation and department that these codes fit."""
    organisation, department = tables.identities["organisation"], tables.identities["department"]
    above, _, code = place.rpartition("/")
    nothing = cast(null(), BigInteger)
    labels = (organisation.c.code.label("organisation_code"), department.c.code.label("department_code"))
    inside = (
        select(nothing.label("organisation"), department.c.key.label("department"), *labels)
        .join(organisation, organisation.c.key == department.c.organisation)
        .where(department.c.code == code, or_(literal(above) == "", organisation.c.code == above))
    )
    whole = select(organisation.c.key, nothing, organisation.c.code, literal("")).where(organisation.c.code == place)
    return inside.union_all(whole)

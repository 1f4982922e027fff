"""Signers of a route: how they are written, and who may fill their places."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.access.actor import APPROVE, OPERATOR, ROLE_NAMES, ROLES, Actor, Grant
from dutybook.access.grants import read_grant, write_grant
from dutybook.access.identity import actor_named
from dutybook.access.scope import scope_of
from dutybook.book.routes import ROLE, USER, Signer
from dutybook.db.head import head
from dutybook.errors import BadInput, DutybookError, Message
from dutybook.services.book import Book
from dutybook.services.drafts import Draft

Path = Sequence[str | int]


def checked_signer(session: Session, book: Book, text: object, path: Path, draft: Draft | None = None) -> str:
    """How a signer is kept: with its department's organisation, so that its code means the same for ever.

    BadInput or NotFound, at `path`, for what nobody could ever sign. With a draft, users must be able to sign now, and a department
    may be one that the draft itself opens.
    """
    signer = Signer.read(text) if isinstance(text, str) else None
    if signer is None:
        zh = f"签署人「{text}」应写作 user:用户名、role:角色 或 role:角色@部门或单位编号。"
        en = f"'{text}' must be written as user:NAME, role:NAME or role:NAME@CODE of a department or organisation."
        raise BadInput(zh, en, path=path)
    if signer.kind == ROLE:
        return _checked_role(session, book, signer, path, draft)
    if draft is not None:
        _refuse_who_cannot_sign(session, book, signer.name, path)
    return str(signer)


def _checked_role(session: Session, book: Book, signer: Signer, path: Path, draft: Draft | None) -> str:
    if APPROVE not in ROLES.get(signer.name, ()):
        zh = f"角色「{signer.name}」不能签署；可以签署的角色是 {_fit()}。"
        raise BadInput(zh, f"The role '{signer.name}' cannot sign; those that can are {_fit()}.", path=path)
    if signer.place is None or (draft and draft.opened("department", signer.place) is not None):
        return str(signer)
    try:
        grant = read_grant(session, book.tables, f"{signer.name}@{signer.place}")
    except DutybookError as error:
        error.path = tuple(str(step) for step in path)
        raise
    return f"{ROLE}:{_written(session, book, grant)}"


def _written(session: Session, book: Book, grant: Grant) -> str:
    """A grant with the codes of its place, the organisation's first."""
    organisation, department = (book.tables.identities[name] for name in ("organisation", "department"))
    if grant.department is None:
        whole = select(organisation.c.code).where(organisation.c.key == grant.organisation)
        return write_grant(grant.role, session.scalar(whole), None)
    within = select(organisation.c.code, department.c.code).where(department.c.key == grant.department)
    above, code = session.execute(within.where(organisation.c.key == department.c.organisation)).one()
    return write_grant(grant.role, above, code)


def _refuse_who_cannot_sign(session: Session, book: Book, name: str, path: Path) -> None:
    if name == OPERATOR.name:
        return
    try:
        user = actor_named(session, book.tables, name)
    except DutybookError as error:
        error.path = tuple(str(step) for step in path)
        raise
    if not user.may(APPROVE):
        zh = f"用户「{name}」不能签署：没有「{APPROVE}」权限；请先由管理员授予 {_fit()} 之一（dutybook user grant）。"
        en = f"'{name}' may not sign, for lack of '{APPROVE}'; an administrator grants one of {_fit()} first (dutybook user grant)."
        raise BadInput(zh, en, path=path)


def _fit() -> str:
    """The roles that can sign."""
    return ", ".join(role for role, permissions in ROLES.items() if APPROVE in permissions)


def called(text: str, place: str | None = None) -> Message:
    """What people call a place to be signed; `place` is what they call its department, where that can be told."""
    signer = Signer.read(text)
    if signer is None or signer.kind == USER:
        name = text if signer is None else signer.name
        return Message(f"用户 {name}", f"user {name}")
    role, where = ROLE_NAMES.get(signer.name, Message(signer.name, signer.name)), place or signer.place
    return Message(f"{role.zh}（{where}）", f"{role.en} ({where})") if where else role


def names(signer: str, actor: Actor) -> bool:
    """Whether a place is the actor's own by name."""
    return signer == f"{USER}:{actor.name}"


def holds_role(session: Session, book: Book, actor: Actor, text: str) -> bool:
    """Whether a place is for a role that the actor has, reaching where the place says; an administrator stands in for any."""
    signer, grants = Signer.read(text), role_grants(actor, text)
    if signer is None or not grants:
        return False
    return signer.place is None or _reaches(session, book, actor, grants, signer)


def role_grants(actor: Actor, text: str) -> tuple[Grant, ...]:
    """The grants by which an actor has the role that a place is for, wherever they reach."""
    signer = Signer.read(text)
    if signer is None or signer.kind != ROLE:
        return ()
    return tuple(grant for grant in actor.grants if grant.role in {signer.name, "administrator"})


def is_scoped(text: str) -> bool:
    """Whether a place itself says where its role must reach, instead of leaving that to what the set touches."""
    signer = Signer.read(text)
    return signer is not None and (signer.kind == USER or signer.place is not None)


def _reaches(session: Session, book: Book, actor: Actor, grants: tuple[Grant, ...], signer: Signer) -> bool:
    place = read_grant(session, book.tables, f"{signer.name}@{signer.place}")
    if place.department is None:
        return any(it.department is None and it.organisation in {None, place.organisation} for it in grants)
    narrowed, revision = Actor(actor.name, grants), head(session, book.tables).revision
    scope = scope_of(session, book.tables, narrowed, APPROVE, revision, book.clock.today())
    return scope.departments is None or place.department in scope.departments

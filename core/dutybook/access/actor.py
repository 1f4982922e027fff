"""Who acts: a name, and the roles that were granted to it for the whole book, an organisation or a department."""

from dataclasses import dataclass
from typing import NamedTuple

from dutybook.errors import Message

(
    READ,
    READ_CONTACT,
    READ_PERSONAL,
    READ_SECRET,
    PROPOSE,
    APPROVE,
    PUBLISH,
    APPLY,
    MANAGE_PERIODS,
    OVERRIDE_QUOTAS,
    ADMINISTER,
) = (
    "catalogue.read",
    "contact.read",
    "personal.read",
    "documents.secret",
    "changes.propose",
    "changes.approve",
    "changes.publish",
    "changes.apply",
    "periods.manage",
    "quotas.override",
    "administer",
)

ANONYMOUS = "anonymous"
"""The name of whoever reads without a token; no account has it."""

_INSIDE = frozenset({READ, READ_CONTACT, READ_PERSONAL, READ_SECRET})
_PUBLISHING = frozenset({*_INSIDE, PROPOSE, PUBLISH, APPLY, MANAGE_PERIODS, OVERRIDE_QUOTAS})

ROLES: dict[str, frozenset[str]] = {
    "reader": frozenset({READ}),
    "colleague": frozenset({READ, READ_CONTACT}),
    "editor": frozenset({*_INSIDE, PROPOSE}),
    "approver": frozenset({*_INSIDE, APPROVE}),
    "publisher": _PUBLISHING,
    "administrator": frozenset({*_PUBLISHING, APPROVE, ADMINISTER}),
}
"""What each role permits. Whatever is not named here is denied."""


ROLE_NAMES: dict[str, Message] = {
    "reader": Message("读者", "readers"),
    "colleague": Message("同事", "colleagues"),
    "editor": Message("起草人", "editors"),
    "approver": Message("审批人", "approvers"),
    "publisher": Message("发布人", "publishers"),
    "administrator": Message("管理员", "administrators"),
}
"""What people call those who have a role."""


class Grant(NamedTuple):
    """A role, for a department's subtree, an organisation, or (both None) the whole book. Both are keys."""

    role: str
    organisation: int | None = None
    department: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who reads or changes the book; `account` is None for the anonymous reader and the operator."""

    name: str
    grants: tuple[Grant, ...]
    account: int | None = None
    employee_number: str | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody in particular asks."""
        return self.account is None and self.name == ANONYMOUS

    @property
    def permissions(self) -> frozenset[str]:
        """Everything the actor may do somewhere."""
        return frozenset(permission for grant in self.grants for permission in ROLES[grant.role])

    def may(self, permission: str) -> bool:
        """Whether the actor may do this somewhere; `access.scope` tells where."""
        return permission in self.permissions

    def holds(self, permission: str, holders: frozenset[str]) -> bool:
        """The same for any permission: a plugin's is held by the roles that the plugin names."""
        return self.may(permission) or any(grant.role in holders for grant in self.grants)


OPERATOR = Actor("operator", (Grant("administrator"),))
"""Who sits at the command line of the server: everything is permitted, and recorded."""

"""Passwords: argon2 hashes that follow their parameters, and the same work for a user that is not there."""

from dataclasses import dataclass, field
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dutybook.errors import BadInput

SHORTEST, LONGEST = 10, 1_000


@dataclass
class Passwords:
    """Hashes and compares passwords; how much work that is comes with the `hasher`."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    def hash(self, password: str) -> str:
        """What to store of a new password; BadInput where its length is not allowed."""
        if not SHORTEST <= len(password) <= LONGEST:
            zh = f"密码有 {len(password)} 个字符，应为 {SHORTEST} 到 {LONGEST} 个。"
            en = f"The password has {len(password)} characters; {SHORTEST} to {LONGEST} are needed."
            raise BadInput(zh, en, path=["password"])
        return self.hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether this is the password; None, for nobody or nobody with a password, takes as long to deny."""
        decoy = self._decoy
        try:
            return self.hasher.verify(stored or decoy, password[: LONGEST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    def renewed(self, stored: str, password: str) -> str | None:
        """What to store from now on, if the parameters have changed since; whether today's rule allows it or not."""
        return self.hasher.hash(password) if self.hasher.check_needs_rehash(stored) else None

    @cached_property
    def _decoy(self) -> str:
        return self.hasher.hash("")

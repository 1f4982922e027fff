"""Personal values enter the book only as keyed digests; who holds neither key nor value learns nothing from it."""

import hashlib
import hmac

import orjson

from dutybook.book.kinds import Value


def sealed(secret: bytes, field: str, value: Value) -> str | None:
    """The HMAC that stands for a personal value in versions, changes, events and hashes; null stays null."""
    if value is None:
        return None
    return hmac.new(secret, orjson.dumps([field, value]), hashlib.sha256).hexdigest()

"""Bearer tokens: random, shown once, and known to the book by their digest alone."""

from base64 import urlsafe_b64encode
from hashlib import sha256

MARK = "dbk_"
SECRET_BYTES = 32
SHOWN = 12
"""How much of a token a list shows, so that its owner recognises it."""


def new_token(secret: bytes) -> str:
    """The token that carries these random bytes; the mark lets scanners for leaked secrets find it."""
    return MARK + urlsafe_b64encode(secret).decode().rstrip("=")


def digest(token: str) -> str:
    """What is stored of a token. One plain hash is enough for 256 random bits, and is quick on every request."""
    return sha256(token.encode()).hexdigest()

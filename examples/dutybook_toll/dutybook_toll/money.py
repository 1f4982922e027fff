"""Money: whole fen inside, yuan with two decimals outside."""

import re

from dutybook.api import BadInput

_YUAN = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)


class NotAnAmount(BadInput):
    """A text that is no amount in yuan."""

    def __init__(self, text: str, place: str) -> None:
        zh = f"金额「{text[:40]}」无法识别；请写成 1234.50 的形式，单位为元，不得为负。"
        super().__init__(zh, f"'{text[:40]}' is not an amount; write yuan like 1234.50, never negative.", path=[place])


def fen(text: str, place: str) -> int:
    """The fen of an amount in yuan."""
    if not _YUAN.fullmatch(text):
        raise NotAnAmount(text, place)
    yuan, _, rest = text.partition(".")
    return int(yuan) * 100 + int(rest.ljust(2, "0"))


def yuan(amount: int) -> str:
    """An amount in fen as yuan."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"

"""What a block looks like by itself, before its neighbours are asked."""

from enum import Enum, auto

from dutybook.catalogue.document import Block
from dutybook.catalogue.words import (
    TERMINAL_SET,
    heading_of,
    is_category,
    is_department,
    is_document_title,
    is_duty_label,
    is_name,
    is_organisation,
    is_position,
    is_section_label,
    key_and_content,
    tidy,
)


class Look(Enum):
    """What a block looks like by itself."""

    TEXT = auto()
    SUFFIXED = auto()
    POSITION_NAME = auto()
    UNIT_NAME = auto()
    NAME = auto()
    DUTY_LABEL = auto()
    SECTION_LABEL = auto()
    KEY = auto()
    TITLE = auto()


def look(block: Block) -> Look:
    """What the text of a block looks like."""
    text = block.text
    if len(text) > 60 or (text[-1:] in TERMINAL_SET and not text.endswith((";", "；"))):
        return Look.KEY if len(text) <= 400 and _has_key(block) else Look.TEXT
    if _has_key(block):
        return Look.KEY
    if len(text) > 40 or not text or text[-1] in TERMINAL_SET or "\t" in text:
        return Look.TEXT
    seen = _short_look(text)
    return Look.TITLE if seen is Look.TEXT and block.level else seen


def _has_key(block: Block) -> bool:
    head = block.text[:14]
    return (":" in head or "：" in head or head[:1] in "【[") and key_and_content(block.text) is not None


def _short_look(text: str) -> Look:
    plain = tidy(text)
    if is_duty_label(plain):
        return Look.DUTY_LABEL
    if is_section_label(plain):
        return Look.SECTION_LABEL
    heading = heading_of(plain)
    if heading.suffix and is_name(heading.title):
        return Look.SUFFIXED
    if is_document_title(plain):
        return Look.TITLE
    return _name_look(plain) if is_name(plain) else Look.TEXT


def _name_look(text: str) -> Look:
    if is_position(text):
        return Look.POSITION_NAME
    return Look.UNIT_NAME if is_department(text) or is_category(text) or is_organisation(text) else Look.NAME

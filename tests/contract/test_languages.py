"""What people read is Chinese in the Chinese message and English in the English one."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import pytest

from dutybook.access.actor import ROLE_NAMES, ROLES
from dutybook.book.kinds import Field, Kind
from dutybook.book.nouns import CORE
from dutybook.errors import BadInput, Message
from dutybook.services.refusals import STATES
from dutybook.services.write import SENTENCES
from dutybook_cost.kinds import KINDS as OF_COSTS

HAN = re.compile("[㐀-鿿，。；：、「」（）]")
KINDS = [*CORE, *OF_COSTS]
SOURCES = [Path(__file__).parents[2] / name for name in ("core", "plugins", "examples")]
WRONG: tuple[object, ...] = (None, -1.5, "\x00", [], {}, "x" * 5_000)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_labels_choices_and_refusals_of_every_field_are_in_both_languages(kind: Kind) -> None:
    for label in (kind.label, *(it for field in kind.fields for it in (field.label, *field.choices.values()))):
        assert label.en.isascii(), label
        assert HAN.search(label.zh), label
    refusals = [found for field, value in product(kind.fields, WRONG) if (found := refused(field, value))]
    assert refusals
    for refusal in refusals:
        assert re.sub("[�…]", "", refusal.en).isascii(), refusal
        assert HAN.search(refusal.zh), refusal


def refused(field: Field, value: object) -> Message | None:
    """What is said against a value of a field."""
    try:
        field.check(value)
    except BadInput as refusal:
        return refusal.message
    return None


def test_rules_states_and_roles_are_told_in_both_languages() -> None:
    assert ROLE_NAMES.keys() == ROLES.keys()
    for told in (*SENTENCES.values(), *STATES.values(), *ROLE_NAMES.values()):
        assert told.en.isascii()
        assert HAN.search(told.zh)


TOLD = {
    "Message",
    "BadInput",
    "Refused",
    "NotFound",
    "Forbidden",
    "__init__",
    "InvalidValue",
    "say",
    "fail",
    "forbid",
    "bad",
}


def told(tree: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The two languages of each message, Chinese first: arguments beside one another, or what is called `zh, en`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and {ast.unparse(node.func).rpartition(".")[2]} & TOLD:
            yield from (pair for pair in pairwise(node.args) if HAN.search(text(pair[0])))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"en", "en_way", "state_en"}:
            yield ast.Constant(""), node.value
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Tuple)
            and re.search(r"\ben\b", ast.unparse(node.targets[0]))
        ):
            yield from pairwise(node.value.elts[:2])


def text(it: ast.expr) -> str:
    """What a text says by itself."""
    return "".join(str(node.value) for node in ast.walk(it) if isinstance(node, ast.Constant))


def picks(it: ast.expr) -> set[str]:
    """The languages of the messages that are quoted in a text."""
    return {node.attr for node in ast.walk(it) if isinstance(node, ast.Attribute)} & {"zh", "en"}


def test_no_message_quotes_the_other_language() -> None:
    found, seen = [], 0
    for file in (file for folder in SOURCES for file in sorted(folder.rglob("*.py"))):
        for zh, en in told(ast.parse(file.read_text(encoding="utf-8"))):
            seen += 1
            if HAN.search(text(en)) or "zh" in picks(en) or "en" in picks(zh):
                found.append(f"{file}:{en.lineno}: {ast.unparse(en)}")
    assert not found, "\n".join(found)
    assert seen > 500

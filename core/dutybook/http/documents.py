"""Documents parsed, validated and weighed, each text once."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    parse,
    specified_rules,
    validate,
)

from dutybook.errors import BadInput
from dutybook.http.limits import Limits
from dutybook.http.refusals import TooManyTokens, WhichOperation
from dutybook.http.weight import Weight, weigh

REMEMBERED = 256
# A text longer than this is a one-off or an attack, and would fill the memory.
MEMORABLE = 10_000

Rule: TypeAlias = type[ASTValidationRule]


class Unreadable(BadInput):
    """A document that no operation can be taken from; `errors` are told one by one."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        texts = "; ".join(error.message for error in errors)
        super().__init__(f"查询文档有误：{texts}", f"The document is wrong: {texts}")
        self.errors = errors


class Ungrammatical(Unreadable):
    """The document breaks the grammar."""

    code = "GRAPHQL_PARSE_FAILED"


class Invalid(Unreadable):
    """The document breaks the schema."""

    code = "GRAPHQL_VALIDATION_FAILED"


class NoNul(ASTValidationRule):
    """No text in a document has the character that PostgreSQL keeps in no text; variables are looked at with each request."""

    def enter_string_value(self, node: StringValueNode, *_args: object) -> None:
        """Report one that has."""
        if "\0" in node.value:
            self.report_error(GraphQLError("Remove the character U+0000. 请删除空字符 U+0000。", node))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document, ready to be executed; `roots` are its top fields by response name."""

    document: DocumentNode
    name: str | None
    kind: OperationType
    roots: dict[str, str]
    weight: Weight

    @property
    def is_mutation(self) -> bool:
        """Whether it changes the book."""
        return self.kind is OperationType.MUTATION

    @property
    def is_subscription(self) -> bool:
        """Whether it is answered again and again."""
        return self.kind is OperationType.SUBSCRIPTION

    @property
    def introspects(self) -> bool:
        """Whether it reads the schema."""
        return not {"__schema", "__type"}.isdisjoint(self.roots.values())


Operations: TypeAlias = dict[str | None, Operation]


class Documents:
    """The documents of one schema; those used last are remembered."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, rules: Sequence[Rule]) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = (*specified_rules, NoNul, *rules)
        self._known: OrderedDict[str, Operations] = OrderedDict()

    async def operation(self, text: str, name: str | None) -> Operation:
        """The operation of that name, or the only one."""
        operations = self._known.get(text)
        if operations is None:
            # In a thread: a nasty document takes 0.4 s, and nobody else shall wait for it.
            operations = await asyncio.to_thread(self._read, text)
            if len(text) <= MEMORABLE:
                self._remember(text, operations)
        else:
            self._known.move_to_end(text)
        return _choose(operations, name)

    def _remember(self, text: str, operations: Operations) -> None:
        self._known[text] = operations
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _read(self, text: str) -> Operations:
        document = self._parse(text)
        if errors := validate(self._schema, document, self._rules):
            raise Invalid(errors)
        nodes = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        return {node.name.value if node.name else None: self._operation(document, node) for node in nodes}

    def _parse(self, text: str) -> DocumentNode:
        try:
            return parse(text, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            if f"more than {self._limits.tokens} tokens" in error.message:
                raise TooManyTokens(self._limits.tokens) from None
            raise Ungrammatical([error]) from None

    def _operation(self, document: DocumentNode, node: OperationDefinitionNode) -> Operation:
        name = node.name.value if node.name else None
        weight = weigh(self._schema, document, node, self._limits)
        return Operation(document, name, node.operation, _roots(document, node.selection_set), weight)


def _choose(operations: Operations, name: str | None) -> Operation:
    operation = operations.get(name)
    if name is None and len(operations) == 1:
        [operation] = operations.values()
    if operation is None:
        raise WhichOperation(name, [str(known or "{ … }") for known in operations])
    return operation


def _roots(document: DocumentNode, top: SelectionSetNode) -> dict[str, str]:
    """The top fields by response name, each fragment looked into once."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    found: dict[str, str] = {}
    waiting = [top]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                found[(node.alias or node.name).value] = node.name.value
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and (fragment := fragments.pop(node.name.value, None)):
                waiting.append(fragment.selection_set)
    return found

"""What an operation weighs: its depth, its aliases and its cost as a formula over the sizes of its pages."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    value_from_ast_untyped,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from dutybook.http.limits import Limits
from dutybook.http.refusals import TooManyAliases, TooManyLevels

# Introspection reads the schema in the process: as much work as a page of rows, whatever is selected.
INTROSPECTION_COST = 1_000


class Page(NamedTuple):
    """A page size: the variable that gives it (None: it is written out), and the size where the variable is absent."""

    variable: str | None
    otherwise: int


Term: TypeAlias = tuple[Page, ...]
Cost: TypeAlias = Counter[Term]
"""A polynomial: how many objects, by the page sizes they are multiplied with."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection weighs, fragments spelled out; leaves cost nothing, an object costs one."""

    depth: int = 0
    aliases: int = 0
    cost: Cost = field(default_factory=Counter)

    def pages(self, variables: Mapping[str, Any], most: int) -> set[int]:
        """The page sizes that are asked for."""
        return {size_of(page, variables, most) for term in self.cost for page in term}

    def worth(self, variables: Mapping[str, Any], most: int) -> int:
        """The cost for these variables."""
        return sum(count * prod(size_of(page, variables, most) for page in term) for term, count in self.cost.items())


def size_of(page: Page, variables: Mapping[str, Any], most: int) -> int:
    """How long a page is for these variables; what is no number counts as `most` and is refused by coercion."""
    size = page.otherwise if page.variable is None else variables.get(page.variable, page.otherwise)
    return max(size, 0) if isinstance(size, int) else most


def weigh(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, limits: Limits) -> Weight:
    """The weight of one operation of a document that was found valid; refused where it is too deep or aliased."""
    root = schema.get_root_type(operation.operation)
    assert root is not None
    return _Scales(schema, document, operation, limits).selections(operation.selection_set, root, None)


class _Scales:
    """Weighs selections; a fragment is weighed once, however often it is spread."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, limits: Limits
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.defaults = {
            node.variable.name.value: value_from_ast_untyped(node.default_value)
            for node in operation.variable_definitions or ()
            if node.default_value
        }
        self.weighed: dict[tuple[str, Page | None], Weight] = {}

    def selections(self, node: SelectionSetNode, parent: GraphQLNamedType, page: Page | None) -> Weight:
        """`page` is the length of the lists directly inside, where the field above was asked for a page."""
        weights = [self._selection(selection, parent, page) for selection in node.selections]
        cost: Cost = Counter()
        for weight in weights:
            cost.update(weight.cost)
        aliases = sum(weight.aliases for weight in weights)
        if aliases > self.limits.aliases:
            raise TooManyAliases(self.limits.aliases)
        return Weight(max((weight.depth for weight in weights), default=0), aliases, cost)

    def _selection(self, node: SelectionNode, parent: GraphQLNamedType, page: Page | None) -> Weight:
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value, page)
        if isinstance(node, InlineFragmentNode):
            type_ = self.schema.type_map[node.type_condition.name.value] if node.type_condition else parent
            return self.selections(node.selection_set, type_, page)
        assert isinstance(node, FieldNode)
        return self._field(node, parent, page)

    def _fragment(self, name: str, page: Page | None) -> Weight:
        if (name, page) not in self.weighed:
            node = self.fragments[name]
            type_ = self.schema.type_map[node.type_condition.name.value]
            self.weighed[name, page] = self.selections(node.selection_set, type_, page)
        return self.weighed[name, page]

    def _field(self, node: FieldNode, parent: GraphQLNamedType, page: Page | None) -> Weight:
        aliases = int(node.alias is not None)
        if node.name.value.startswith("__"):
            return Weight(0, aliases, Counter({(): INTROSPECTION_COST if node.selection_set else 0}))
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        definition = parent.fields[node.name.value]
        if node.selection_set is None:
            objects = self.limits.list_sizes.get(f"{parent.name}.{node.name.value}", 0)
            return Weight(1, aliases, Counter({(): objects}))
        own, below = self._sizes(node, f"{parent.name}.{node.name.value}", definition, page)
        inside = self.selections(node.selection_set, get_named_type(definition.type), below)
        if inside.depth >= self.limits.depth:
            raise TooManyLevels(self.limits.depth)
        return Weight(inside.depth + 1, inside.aliases + aliases, _times(inside.cost, own))

    def _sizes(
        self, node: FieldNode, name: str, definition: GraphQLField, page: Page | None
    ) -> tuple[Page | int, Page | None]:
        """How many objects a field answers with, and how long the lists are in each."""
        is_list = is_list_type(get_nullable_type(definition.type))
        if "first" in definition.args:
            first = self._first(node, definition)
            return (first, None) if is_list else (1, first)
        if is_list:
            return page or self.limits.list_sizes.get(name, self.limits.list_size), None
        return 1, None

    def _first(self, node: FieldNode, definition: GraphQLField) -> Page:
        given = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
        default = coerce_default_value(definition.args["first"])
        if given is None:
            return Page(None, self._whole(default))
        if isinstance(given, VariableNode):
            name = given.name.value
            return Page(name, self._whole(self.defaults.get(name, default)))
        return Page(None, int(given.value) if isinstance(given, IntValueNode) else self.limits.page)

    def _whole(self, value: object) -> int:
        return value if isinstance(value, int) else self.limits.page


def _times(inside: Cost, size: Page | int) -> Cost:
    """So many objects, each with what is inside it."""
    each = Counter({(): 1}) + inside
    if isinstance(size, int):
        return Counter({term: count * size for term, count in each.items()})
    return Counter({tuple(sorted((*term, size), key=repr)): count for term, count in each.items()})

"""A walk through a schema: documents that together select every field of every object type that can be read."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

Given = Mapping[tuple[str, str], Mapping[str, str]]
"""What to say for the arguments that a field must have, by type and field."""


class Step(NamedTuple):
    """A field that leads from one type to another, and the type that is meant where it may be several."""

    text: str
    on: str | None = None


PAGES = ("Connection", "Edge", "PageInfo")

ALL_SETS = (Step("changeSets"), Step("edges"), Step("node"))
"""A shorter way leads to one change set only."""


class Walk:
    """Documents about one schema; `lacking` are the fields for which nobody said what to give."""

    def __init__(self, schema: GraphQLSchema, given: Given) -> None:
        self.schema, self.given = schema, given
        self.lacking: set[str] = set()
        self.asked: set[str] = set()
        self.paths = self._paths()

    @property
    def types(self) -> set[str]:
        """Every object type that a reader can come to."""
        return set(self.paths)

    def documents(self) -> Iterator[tuple[str, str, list[str]]]:
        """By type: the shortest way there with all its fields and what is below, and the same for each field alone."""
        for name, steps in self.paths.items():
            if name.endswith(PAGES):
                continue  # these are selected wherever there is a list
            kind = self.schema.type_map[name]
            assert isinstance(kind, GraphQLObjectType)
            alone = (
                text if is_leaf_type(target) else self._below(it, (name,))
                for it in self._known(kind)
                for _, text, target in [it]
            )
            yield name, _way(steps, self._selection(kind)), [_way(steps, text) for text in alone if text]

    def selection(self, name: str) -> str:
        """All fields of a type."""
        return self._selection(self.schema.type_map[name])

    def _paths(self) -> dict[str, tuple[Step, ...]]:
        root = self.schema.query_type
        assert root is not None
        found: dict[str, tuple[Step, ...]] = {root.name: (), "ChangeSet": ALL_SETS}
        sets = self.schema.type_map["ChangeSet"]
        assert isinstance(sets, GraphQLObjectType)
        waiting = deque([root, sets])
        while waiting:
            here = waiting.popleft()
            for name, field in here.fields.items():
                text = self._called(here, name, field)
                if text is None or (
                    here is root and name == "node"
                ):  # a node is of one type, whatever others there are
                    continue
                for kind, is_narrowed in self._objects(get_named_type(field.type)):
                    if kind.name not in found:
                        on = kind.name if is_narrowed else None
                        found[kind.name] = (*found[here.name], Step(text, on))
                        waiting.append(kind)
        return found

    def _objects(self, kind: GraphQLNamedType) -> Iterator[tuple[GraphQLObjectType, bool]]:
        if isinstance(kind, GraphQLObjectType):
            yield kind, False
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            yield from ((one, True) for one in self.schema.get_possible_types(kind))

    def _called(self, parent: GraphQLObjectType, name: str, field: GraphQLField) -> str | None:
        """A field with the arguments it needs; None where nobody knows any."""
        told = dict(self.given.get((parent.name, name), {}))
        needed = {key for key, argument in field.args.items() if is_required_argument(argument)}
        if needed - told.keys():
            self.lacking.add(f"{parent.name}.{name}")
            return None
        self.asked.add(f"{parent.name}.{name}")
        said = ", ".join(f"{key}: {value}" for key, value in told.items())
        return f"{name}({said})" if said else name

    def _selection(self, kind: GraphQLNamedType, *above: str) -> str:
        """All fields of a type. Of nodes below it only what is a leaf: they are walked by themselves."""
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            return " ".join(f"... on {one.name} {{ {self._leaves(one)} }}" for one, _ in self._objects(kind))
        assert isinstance(kind, GraphQLObjectType)
        below = (self._below(field, (*above, kind.name)) for field in self._known(kind))
        return f"{self._leaves(kind)} {' '.join(below)}"

    def _leaves(self, kind: GraphQLObjectType) -> str:
        """Fields of one name may have different types on the members of an interface: each gets a name of its own."""
        leaves = (text for _, text, target in self._known(kind) if is_leaf_type(target))
        return " ".join(["__typename", *(f"{kind.name}_{text.partition('(')[0]}: {text}" for text in leaves)])

    def _known(self, kind: GraphQLObjectType) -> Iterator[tuple[str, str, GraphQLNamedType]]:
        """The fields that can be asked: name, text, and what they lead to."""
        for name, field in kind.fields.items():
            if (text := self._called(kind, name, field)) is not None:
                yield name, text, get_named_type(field.type)

    def _below(self, field: tuple[str, str, GraphQLNamedType], above: tuple[str, ...]) -> str:
        _, text, target = field
        if is_leaf_type(target) or target.name in above:
            return ""
        if isinstance(target, GraphQLObjectType) and "Node" in {it.name for it in target.interfaces}:
            return f"{text} {{ {self._leaves(target)} }}"
        return f"{text} {{ {self._selection(target, *above)} }}"


def _way(steps: Sequence[Step], inner: str) -> str:
    for step in reversed(steps):
        inner = f"{step.text} {{ __typename {f'... on {step.on} {{ {inner} }}' if step.on else inner} }}"
    return f"{{ {inner} }}"

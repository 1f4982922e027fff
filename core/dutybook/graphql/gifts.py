"""What plugins bring to the schema, looked at before it is built: nothing vanishes, nothing is replaced, all is guarded."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLNamedType, GraphQLObjectType, is_introspection_type, is_specified_scalar_type
from strawberry.types.field import StrawberryField

from dutybook.access.actor import ROLES
from dutybook.book.ids import type_name
from dutybook.book.kinds import Kinds
from dutybook.errors import DutybookError, Message
from dutybook.graphql.contributed import guard_of, hides
from dutybook.graphql.schema import NoSuchType, Schema, build_schema
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.gifts import GraphQLContribution
from dutybook.lifecycle.loading import PluginsRefused
from dutybook.lifecycle.plugins import Loaded, Plugins

CORE_PERMISSIONS = frozenset(permission for permissions in ROLES.values() for permission in permissions)


class Unfit(DutybookError):
    """A contribution that cannot be used."""


def schema_with(kinds: Kinds, plugins: Plugins) -> Schema:
    """The schema of a book with these plugins; PluginsRefused names the one whose contribution does not fit."""
    fields: dict[str, list[StrawberryField]] = {}
    types: list[type[Any]] = []
    schema = build_schema(kinds)
    for plugin in plugins.implementing("contribute_graphql"):
        try:
            given = _given(plugins, plugin, schema)
            fields = _joined(fields, given)
            types = [*types, *given.types]
            grown = build_schema(kinds, fields, types)
            _judge_types(plugin, schema, grown)
        except PluginFailure as failure:
            raise PluginsRefused({plugin.name: Message(*failure.short)}) from failure
        except DutybookError as reason:
            raise PluginsRefused({plugin.name: reason.message}) from reason
        except Exception as reason:  # strawberry has a class of its own for each mistake, and they name the field
            raise PluginsRefused({plugin.name: Message(_first_line(reason), _first_line(reason))}) from reason
        schema = grown
    return schema


def _first_line(reason: Exception) -> str:
    return f"{type(reason).__name__}: {str(reason).partition(chr(10))[0]}"


def _given(plugins: Plugins, plugin: Loaded, schema: Schema) -> GraphQLContribution:
    given = plugins.ask(plugin, "contribute_graphql")
    if not isinstance(given, GraphQLContribution):
        what = type(given).__name__
        raise Unfit(f"contribute_graphql 返回了 {what}", f"contribute_graphql answered {what}")
    for name, fields in given.fields.items():
        if not isinstance(schema.graphql.type_map.get(name), GraphQLObjectType):
            raise NoSuchType(name)
        for field in fields:
            _judge_field(plugin, name, field)
    return given


def _joined(fields: dict[str, list[StrawberryField]], given: GraphQLContribution) -> dict[str, list[StrawberryField]]:
    names = [*fields, *(name for name in given.fields if name not in fields)]
    return {name: [*fields.get(name, ()), *given.fields.get(name, ())] for name in names}


def _judge_field(plugin: Loaded, name: str, field: StrawberryField) -> None:
    place = f"{name}.{field.python_name}"
    guard = guard_of(field) if isinstance(field, StrawberryField) else None
    if guard is None:
        zh, en = (
            f"{place} 没有权限声明；请用 dutybook.api.field",
            f"{place} is not guarded; make it with dutybook.api.field",
        )
        raise Unfit(zh, en)
    if guard.permission not in CORE_PERMISSIONS | set(plugin.meta.permissions):
        known = ", ".join(sorted(CORE_PERMISSIONS | set(plugin.meta.permissions)))
        zh = f"{place} 的权限 {guard.permission} 未声明；已有 {known}"
        raise Unfit(zh, f"{place} needs {guard.permission}, which nobody declares; known are {known}")
    if name != "Mutation" and not hides(field):
        zh = f"{place} 不可为空；无权者得到空值，请标注为可空或列表"
        raise Unfit(zh, f"{place} cannot be null; who may not see it gets null, so make it nullable or a list")


def _judge_types(plugin: Loaded, before: Schema, after: Schema) -> None:
    """Types that come with a plugin bear its name, so that two plugins cannot take one from each other."""
    prefix = type_name(plugin.name)
    ours = {type_name(kind.name) for kind in plugin.kinds}
    for kind in _new(before, after):
        if not kind.name.startswith(prefix) and kind.name not in ours and not _is_derived(kind, prefix):
            zh = f"类型 {kind.name} 应以 {prefix} 开头"
            raise Unfit(zh, f"the type {kind.name} must begin with {prefix}")
    for kind in _new(before, after):
        if isinstance(kind, GraphQLObjectType) and _is_payload_without_errors(after, kind):
            zh = f"{kind.name} 缺少 userErrors: [UserError!]!"
            raise Unfit(zh, f"{kind.name} lacks userErrors: [UserError!]!")


def _new(before: Schema, after: Schema) -> Iterator[GraphQLNamedType]:
    for name, kind in after.graphql.type_map.items():
        if (
            name not in before.graphql.type_map
            and not is_introspection_type(kind)
            and not is_specified_scalar_type(kind)
        ):
            yield kind


def _is_derived(kind: GraphQLNamedType, prefix: str) -> bool:
    """Scalars of strawberry, such as JSON or Decimal, belong to nobody."""
    return (
        not kind.name.startswith(prefix)
        and kind.extensions.get("strawberry-definition") is None
        and not isinstance(kind, GraphQLObjectType)
    )


def _is_payload_without_errors(schema: Schema, kind: GraphQLObjectType) -> bool:
    mutation = schema.graphql.mutation_type
    answers = {str(field.type).rstrip("!") for field in mutation.fields.values()} if mutation else set[str]()
    return kind.name in answers and "userErrors" not in kind.fields

"""A small schema with everything that ours is made of: enums, scalars, oneOf, nodes, permissions, pages, mutations."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, NewType

import strawberry
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from dutybook.errors import Forbidden, Refused
from dutybook.http.ports import Call

Yuan = NewType("Yuan", str)


@dataclass
class Desk:
    """What the resolvers of the tests see, and write down."""

    calls: list[Call] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    age: int | None = None

    def close(self) -> None:
        """Nothing was read."""

    def max_age(self) -> int | None:
        return self.age


Info = strawberry.Info[Desk, None]


class NeverAllowed(BasePermission):
    message = "not for you"
    error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012

    def has_permission(self, *_: Any, **__: Any) -> bool:
        return False


@strawberry.enum
class Grade(Enum):
    """An enum whose values differ from its names."""

    JUNIOR = "初级"
    SENIOR = "高级"


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Duty(Node):
    text: str

    @strawberry.field
    def position(self) -> "Position":
        return position(1)


@strawberry.type
class Position(Node):
    title: str
    grade: Grade
    since: date
    pay: Yuan

    @strawberry.field
    async def duties(self) -> list[Duty]:
        return [Duty(id=strawberry.ID(f"d{number}"), text="负责日常管理。") for number in range(2)]

    @strawberry.field
    async def reports_to(self) -> "Position | None":
        return position(2)


def position(number: int) -> Position:
    id_ = strawberry.ID(f"p{number}")
    return Position(id=id_, title="所长", grade=Grade.SENIOR, since=date(2026, 1, 1), pay=Yuan("6500.00"))


@strawberry.type
class Edge:
    cursor: str
    node: Position


@strawberry.type
class Page:
    edges: list[Edge]


@strawberry.input(one_of=True)
class Change:
    retitle: strawberry.Maybe[str]
    regrade: strawberry.Maybe[Grade]


@strawberry.type
class Query:
    @strawberry.field
    def position(self, code: str = "P1") -> Position | None:
        return position(1) if code == "P1" else None

    @strawberry.field
    async def positions(self, first: int | None = 50) -> Page:
        return Page(edges=[Edge(cursor="c", node=position(1)) for _ in range(first or 0)])

    @strawberry.field
    async def node(self, id: strawberry.ID) -> Node | None:  # noqa: A002
        return position(1) if id == "p1" else Duty(id=id, text="负责安全。")

    secret: str | None = strawberry.field(permission_classes=[NeverAllowed], resolver=lambda: "secret")

    @strawberry.field
    def pay_on(self, day: date, grade: Grade, least: Yuan) -> str:
        return f"{day:%Y} {grade.value} {least}"

    @strawberry.field
    def forbidden(self) -> str | None:
        raise Forbidden("无权查看工资。", "Wages are not for you.")

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("月薪 12345.67")

    @strawberry.field
    def too_big(self) -> int | None:
        return 1 << 40

    @strawberry.field
    def echo(self, text: str) -> str:
        return text

    @strawberry.field
    async def slow(self, info: Info, seconds: float = 60) -> str:
        info.context.log.append("began")
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            info.context.log.append("cancelled")
            raise
        info.context.log.append("ended")
        return "done"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def write(self, info: Info, text: str, seconds: float = 0) -> int:
        info.context.log.append(text)
        await asyncio.sleep(seconds)
        info.context.log.append(f"{text} written")
        return len(info.context.log)

    @strawberry.mutation
    def refuse(self, info: Info) -> str | None:
        info.context.log.append("refused")
        raise Refused("岗位已撤销。", "The position is closed.", path=["input", "code"])

    @strawberry.mutation
    def fail(self, info: Info) -> str | None:
        info.context.log.append("failed")
        raise RuntimeError("disk full")

    @strawberry.mutation
    def change(self, change: Change) -> str:
        if change.retitle:
            return f"title {change.retitle.value}"
        return f"grade {change.regrade.value.value}" if change.regrade else "nothing"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def changes(self) -> AsyncIterator[int]:
        yield 1

    @strawberry.subscription
    async def ticks(self, info: Info, up_to: int = 1 << 30, seconds: float = 0) -> AsyncIterator[int]:
        info.context.log.append("listening")
        try:
            for number in range(1, up_to + 1):
                yield number
                await asyncio.sleep(seconds)
        finally:
            info.context.log.append("left")

    @strawberry.subscription
    async def padded(self, info: Info) -> AsyncIterator[str]:
        while True:
            info.context.log.append("made")
            yield "。" * 20_000

    @strawberry.subscription
    async def cut_short(self, *, by_us: bool = False) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("月薪 12345.67") if by_us else Forbidden("无权再看。", "No longer yours to see.")

    @strawberry.subscription
    async def positions(self) -> AsyncIterator[Position]:
        yield position(1)


def schema() -> strawberry.Schema:
    scalars: dict[object, ScalarDefinition] = {Yuan: strawberry.scalar(name="Yuan", serialize=str, parse_value=str)}
    config = StrawberryConfig(scalar_map=scalars)
    return strawberry.Schema(Query, Mutation, Subscription, types=[Position, Duty], config=config)


SCHEMA = schema()._schema

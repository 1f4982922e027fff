"""Employees and their assignments; personal values only for those who may read them."""

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from dutybook.graphql.context import View
from dutybook.graphql.describe import argument, both, column, named, resolved, value
from dutybook.graphql.documents import Document
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.records import Related, objects, one, record
from dutybook.graphql.values import personal

if TYPE_CHECKING:
    from dutybook.graphql.positions import Position

CONTACT = ("office_phone", "short_number", "email", "room")


class AssignmentKind(Enum):
    """In which way somebody holds a position."""

    PRIMARY = value("PRIMARY", "主岗。", "The primary position.")
    CONCURRENT = value("CONCURRENT", "兼岗。", "Held besides the primary one.")
    ACTING = value("ACTING", "代理。", "Held for the time being.")
    SECONDED = value("SECONDED", "借调。", "On loan.")


strawberry.enum(AssignmentKind, description=both("任职方式。", "The ways of holding a position."))
ORDER = {kind.value: place for place, kind in enumerate(AssignmentKind)}
KINDS = Annotated[
    list[AssignmentKind] | None, argument("只要这些方式的；空为全部。", "Only those of these kinds; all if absent.")
]


@named("办公联系方式。", "How to reach somebody at work.")
class Contact:
    """The office contact."""

    office_phone: str | None = column("办公电话。", "The office telephone.")
    short_number: str | None = column("短号。", "The short number.")
    email: str | None = column("邮箱。", "The e-mail address.")
    room: str | None = column("房间。", "The room.")


@record("employee", "职工。", "A person employed.")
class Employee(Dated, Node):
    """One employee."""

    __slots__ = ()

    @resolved("工号，永不复用。", "The employee number, never reused.")
    def number(self) -> str:
        """The code of the identity."""
        return cast(str, self.row.code)

    @resolved(
        "姓名；无权读取或已删除时为空。",
        "The name; null for those who may not read it, and where it was erased.",
    )
    async def name(self) -> str | None:
        """The name."""
        return (await personal(self.view, [self.row.name]))[0]

    @resolved(
        "办公联系方式；无权读取或没有时为空。",
        "The office contact; null for those who may not read it, or without any.",
    )
    async def contact(self) -> Contact | None:
        """The contact."""
        values = await personal(self.view, [getattr(self.row, name) for name in CONTACT])
        found = dict(zip(CONTACT, values, strict=True))
        return Contact(**found) if any(values) else None

    employment_type: str | None = column("用工性质。", "The type of employment.")
    status: str | None = column("状态，如在职、离职、退休。", "The status, such as employed, left or retired.")

    @resolved("状态的事由；无权读取个人信息时为空。", "Why the status is so; null without the right to personal data.")
    async def status_reason(self) -> str | None:
        """The reason."""
        return (await personal(self.view, [self.row.status_reason]))[0]

    @resolved("状态所依据的文件。", "The document that the status rests on.")
    async def status_document(self) -> Document | None:
        """The document."""
        return cast("Document | None", await one(self.view, "document", self.row.status_document))

    @resolved("入职日；无权读取个人信息时为空。", "The day of entry; null without the right to personal data.")
    async def entered_on(self) -> date | None:
        """The day of entry."""
        return _day((await personal(self.view, [self.row.entered_on]))[0])

    @resolved("离职日；无权读取个人信息时为空。", "The day of leaving; null without the right to personal data.")
    async def left_on(self) -> date | None:
        """The day of leaving."""
        return _day((await personal(self.view, [self.row.left_on]))[0])

    @resolved("任职，主岗在前。", "The assignments, the primary one first.")
    async def assignments(
        self, kinds: KINDS = None
    ) -> list[Annotated["Assignment", strawberry.lazy("dutybook.graphql.people")]]:
        """The assignments."""
        return await assignments_of(self.view, "employee", self.row.key, kinds)


@record("assignment", "任职：一人在一段时间内担任一个岗位。", "A person on a position for a time.")
class Assignment(Dated, Node):
    """One assignment."""

    __slots__ = ()

    @resolved("任职的人。", "Who is assigned.")
    async def employee(self) -> Employee | None:
        """The employee."""
        return cast("Employee | None", await one(self.view, "employee", self.row.employee))

    @resolved("所任岗位。", "The position.")
    async def position(self) -> Annotated["Position", strawberry.lazy("dutybook.graphql.positions")]:
        """The position."""
        return cast("Position", await one(self.view, "position", self.row.position))

    @resolved("任职方式。", "In which way.", name="kind")
    def way(self) -> AssignmentKind:
        """The column `kind`, which is also the name of a record's own kind."""
        return AssignmentKind(self.row.kind)

    @resolved("是否停职。", "Whether it is suspended.")
    def suspended(self) -> bool:
        """Not, unless said."""
        return bool(self.row.suspended)

    @resolved("占比，1 至 100；未记载时为 100。", "The share of working time, 1 to 100; 100 unless said.")
    def share(self) -> float:
        """The share."""
        return float(self.row.share or 100)

    @resolved("事由；无权读取个人信息时为空。", "The reason; null without the right to personal data.")
    async def reason(self) -> str | None:
        """The reason."""
        return (await personal(self.view, [self.row.reason]))[0]

    @resolved("任职文件。", "The document it rests on.")
    async def document(self) -> Document | None:
        """The document."""
        return cast("Document | None", await one(self.view, "document", self.row.document))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def assignments_of(view: View, column: str, key: int, kinds: list[AssignmentKind] | None) -> list[Assignment]:
    """The assignments of an employee or to a position, primary ones first."""
    rows = await view.load(Related("assignment", column), key)
    wanted = ORDER if kinds is None else {kind.value for kind in kinds}
    return objects(
        view, "assignment", sorted((row for row in rows if row.kind in wanted), key=lambda row: ORDER[row.kind])
    )

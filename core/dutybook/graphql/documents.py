"""Documents: what a change set or a duty rests on."""

from datetime import date

from dutybook.graphql.describe import column
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import Record, record


@record("document", "文件：变更单或职责的依据。", "What a change set or a duty rests on.")
class Document(Record, Node):
    """One document."""

    __slots__ = ()

    number: str | None = column("文号。", "Its number.")
    title: str = column("标题。", "Its title.")
    issuer: str | None = column("发文单位。", "Who issued it.")
    decided_on: date | None = column("决定日。", "The day of the decision.")
    issued_on: date | None = column("发文日。", "The day of issue.")
    effective_on: date | None = column("生效日。", "The day it takes effect.")
    repealed_on: date | None = column("废止日。", "The day of its repeal.")

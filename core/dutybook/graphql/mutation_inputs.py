"""The inputs of mutations, apart from the changes themselves."""

from datetime import date
from enum import Enum

import strawberry

from dutybook.graphql.describe import both, column, value
from dutybook.graphql.verdicts import Decided

CLIENT = ("客户端自定的标识，原样返回。", "Whatever the client wants back.")
CHANGE_SET = ("变更单的 id。", "The id of the change set.")


class Keep(Enum):
    """Which side of a conflict stays."""

    MINE = value("MINE", "保留本单的值。", "The value of this set.")
    THEIRS = value(
        "THEIRS",
        "保留他人已发布的值；一同提出的变更（如遵循标准、合并）随之整体放弃。",
        "The value that somebody else published; what was said together with it, such as following a standard, is given up as a whole.",
    )


strawberry.enum(Keep, description=both("冲突中保留哪一方。", "Which side of a conflict stays."))


@strawberry.input(description=both("变更单的内容。", "What a change set is about."))
class Proposed:
    """What a change set is about; shared by opening one and by applying changes at once."""

    title: str = column("标题。", "Its title.")
    reason: str | None = column("事由。", "Its reason.", default=None)
    organisation: strawberry.ID | None = column("单位：id 或编号。", "The organisation: an id or a code.", default=None)
    effective_on: date | None = column("生效日；默认今天。", "The effective day; today unless said.", default=None)
    document: strawberry.ID | None = column("所依据的文件。", "The document it rests on.", default=None)
    expected_revision: int | None = column(
        "起草时所见的版次，用于发现冲突；默认最新。",
        "The revision that the drafter saw, from which conflicts are reckoned; the head unless said.",
        default=None,
    )
    client_mutation_id: str | None = column(*CLIENT, default=None)


@strawberry.input(description=both("新建变更单。", "A new change set."))
class OpenChangeSetInput(Proposed):
    """Opens a draft."""

    route: list[list[str]] | None = column(
        "审批流程：各步须全部签署者，写作 user:用户名、role:角色 或 role:角色@编号；由有权发布者提交，或账册没有适用的流程时才采用。"
        "默认按所涉内容选用账册中的流程，没有则由任一审批人签署。",
        "The route of approval: for each step all who must sign, as user:NAME, role:NAME or role:NAME@CODE; taken where whoever submits "
        "the set may publish it, or where the book has no route for it. Unless said, the book's routes for what the set touches, else any "
        "approver.",
        default=None,
    )


@strawberry.input(
    description=both("变更单的内容与对异议的决定。", "A change set, and what is decided about objections.")
)
class Applied(Proposed, Decided):
    """What is published at once."""


@strawberry.input(description=both("指明一份变更单。", "One change set."))
class OfChangeSet:
    """Names a change set."""

    change_set: strawberry.ID = column(*CHANGE_SET)
    client_mutation_id: str | None = column(*CLIENT, default=None)


@strawberry.input(
    description=both("指明一份变更单，并决定异议。", "One change set, and what is decided about objections.")
)
class ChangeSetInput(OfChangeSet, Decided):
    """Names a change set that plugins may object to."""


@strawberry.input(description=both("去除一项变更。", "A change to take back."))
class RemoveChangeInput(OfChangeSet):
    """Names a change of a draft."""

    ordinal: int = column(
        "变更的次序，从 0 计；与之一同提出的也一并去除。",
        "Its ordinal, counted from 0; what was said together with it goes too.",
    )


@strawberry.input(description=both("签署意见。", "What a signer says."))
class SignInput(OfChangeSet):
    """An opinion."""

    opinion: str | None = column("意见。", "The opinion.", default=None)
    evidence: str | None = column(
        "在别处作出的决定的依据，如会议纪要。", "Evidence of a decision taken elsewhere, such as minutes.", default=None
    )
    to_step: int | None = column(
        "退回到哪一步，从 0 计；空为退回起草人。仅用于退回。",
        "The step it goes back to, counted from 0; its author if absent. For returning only.",
        default=None,
    )


@strawberry.input(description=both("一处冲突如何解决。", "How one conflict is settled."))
class ResolutionInput:
    """Settles one field."""

    subject: strawberry.ID = column("所涉的记录。", "The record.")
    attribute: str = column("字段名，如 conflicts 所列。", "The field's name as `conflicts` gives it.")
    keep: Keep = column("保留哪一方。", "Which side stays.")


@strawberry.input(description=both("变基：改以最新版次为依据。", "Move the base of a change set to the head."))
class RebaseInput(OfChangeSet):
    """Settles conflicts."""

    keep: Keep | None = column(
        "未逐一指明的冲突保留哪一方。", "Which side stays where nothing else is said.", default=None
    )
    resolutions: list[ResolutionInput] | None = column(
        "逐一指明的解决。", "Conflicts that are settled one by one.", default=None
    )


@strawberry.input(description=both("撤销一个版次。", "A revision to revert."))
class RevertInput:
    """Names a revision."""

    revision: int = column("版次。", "The revision.")
    reason: str | None = column("事由。", "The reason.", default=None)
    client_mutation_id: str | None = column(*CLIENT, default=None)

"""Why a change set is refused: objections of rules and plugins, conflicts, states that do not allow an act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dutybook.book.conflicts import Conflict
from dutybook.errors import Message, Refused
from dutybook.lifecycle.objections import Objection

STATES: Mapping[str, Message] = {
    "DRAFT": Message("起草中", "draft"),
    "SUBMITTED": Message("审批中", "being approved"),
    "APPROVED": Message("已审批", "approved"),
    "PUBLISHED": Message("已发布", "published"),
    "REJECTED": Message("已否决", "rejected"),
    "WITHDRAWN": Message("已撤回", "withdrawn"),
}
"""The states of a change set, as people call them."""


class RefusedByRules(Refused):
    """The final state of a change set breaks rules; every one is told at once."""

    code = "RULE_BROKEN"

    def __init__(self, objections: Sequence[Objection]) -> None:
        texts = [objection.message for objection in objections]
        super().__init__("；".join(text.zh for text in texts), "; ".join(text.en for text in texts))
        self.objections = tuple(objections)


@dataclass(frozen=True, slots=True)
class NamedConflict:
    """A conflict in the words by which people know the record, the attribute and its values (`base`, `theirs`, `mine`),
    and the revision that brought the other value.

    The values of what is `untold` are not quoted: a personal one, for which a digest stands here, and which the conflicts of a
    set show to those who may; and a rank, which says nothing to people.
    """

    conflict: Conflict
    subject: Message
    attribute: Message
    values: tuple[Message, Message, Message]
    revision: int
    untold: bool = False

    @property
    def message(self) -> Message:
        """Both values, and the way out."""
        about = Message(f"{self.subject.zh} 的{self.attribute.zh}", f"{self.subject.en}: {self.attribute.en.lower()}")
        if self.untold:
            zh = f"{about.zh}：第 {self.revision} 版次已改动，本单也要改动；请变基后再发布"
            return Message(zh, f"{about.en} was changed by revision {self.revision} and is by this set; rebase it")
        base, theirs, mine = self.values
        zh = f"{about.zh}：起草时为「{base.zh}」，第 {self.revision} 版次已改为「{theirs.zh}」，本单要改为「{mine.zh}」；请变基后再发布"
        en = f"{about.en} was '{base.en}' at the base, revision {self.revision} made it '{theirs.en}', this set says '{mine.en}'; rebase it"
        return Message(zh, en)


class Conflicted(Refused):
    """Fields were changed by others since the base of a change set."""

    code = "CONFLICT"

    def __init__(self, conflicts: Sequence[NamedConflict]) -> None:
        texts = [conflict.message for conflict in conflicts]
        super().__init__("；".join(text.zh for text in texts), "; ".join(text.en for text in texts))
        self.conflicts = tuple(conflicts)


class WrongState(Refused):
    """An act does not fit the state of a change set."""

    code = "WRONG_STATE"

    def __init__(self, changeset: int, state: str, allowed: Sequence[str]) -> None:
        fit = "、".join(STATES[one].zh for one in allowed)
        zh = f"变更单 {changeset} 的状态是「{STATES[state].zh}」，此操作只适用于：{fit}。"
        super().__init__(
            zh, f"Change set {changeset} is {state}; this needs {' or '.join(allowed)}.", path=["changeSet"]
        )


class ErasedPerson(Refused):
    """Personal values are to be recorded of somebody whose were erased."""

    code = "ERASED"

    def __init__(self, kind: str, key: int, name: Message) -> None:
        zh = f"{name.zh} 的个人信息已删除，此编号下不再记载个人信息；再次入职者请另立工号。"
        en = f"What was personal of {name.en} has been erased, and nothing personal is recorded there again; "
        super().__init__(zh, f"{en}whoever is employed again gets a new number.", path=[kind, key])

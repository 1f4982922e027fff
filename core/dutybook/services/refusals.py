"""Why a change set is refused: objections of rules and plugins, conflicts, states that do not allow an act."""

from collections.abc import Sequence
from dataclasses import dataclass

from dutybook.book.conflicts import Conflict
from dutybook.errors import Message, Refused
from dutybook.lifecycle.objections import Objection


class RefusedByRules(Refused):
    """The final state of a change set breaks rules; every one is told at once."""

    code = "RULE_BROKEN"

    def __init__(self, objections: Sequence[Objection]) -> None:
        texts = [objection.message for objection in objections]
        super().__init__("；".join(text.zh for text in texts), "; ".join(text.en for text in texts))
        self.objections = tuple(objections)


@dataclass(frozen=True, slots=True)
class NamedConflict:
    """A conflict with the name that people know the record by, and the revision that brought the other value.

    What is `personal` is not told, nor is the digest that stands for it: the conflicts of a set show it to those who may.
    """

    conflict: Conflict
    subject: str
    revision: int
    personal: bool = False

    @property
    def message(self) -> Message:
        """Both values, and the way out."""
        it, name = self.conflict, f"{self.subject}.{self.conflict.attribute}"
        if self.personal:
            zh = f"{name}：第 {self.revision} 版次已改动，本单也要改动；请变基后再发布"
            return Message(zh, f"{name} was changed by revision {self.revision} and is by this set; rebase it")
        zh = f"{name}：起草时为「{it.base}」，第 {self.revision} 版次已改为「{it.theirs}」，本单要改为「{it.mine}」；请变基后再发布"
        en = f"{name} was '{it.base}' at the base, revision {self.revision} made it '{it.theirs}', this set says '{it.mine}'; rebase it"
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
        zh = f"变更单 {changeset} 的状态是 {state}，此操作只适用于 {'、'.join(allowed)}。"
        super().__init__(
            zh, f"Change set {changeset} is {state}; this needs {' or '.join(allowed)}.", path=["changeSet"]
        )


class ErasedPerson(Refused):
    """Personal values are to be recorded of somebody whose were erased."""

    code = "ERASED"

    def __init__(self, name: str) -> None:
        zh = f"{name} 的个人信息已删除，此编号下不再记载个人信息；再次入职者请另立工号。"
        en = f"What was personal of {name} has been erased, and nothing personal is recorded there again; "
        super().__init__(zh, f"{en}whoever is employed again gets a new number.", path=[name])

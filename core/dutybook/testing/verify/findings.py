"""Findings: what a plugin does not keep, each under a code that stays the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from dutybook.errors import Message


class Code(Enum):
    """Every finding there is; the README.md of `testing/` says what to do about each."""

    NOT_IMPORTABLE = Message("无法导入", "cannot be imported")
    HOOK_LINT = Message("钩子或清单有误", "a hook or the manifest is wrong")
    NOT_LOADABLE = Message("无法加载", "cannot be loaded")
    FOREIGN_IMPORT = Message("导入了 dutybook 的内部模块", "imports internals of dutybook")
    UNGUARDED_FIELD = Message("字段没有权限保护", "a field is not guarded")
    SCHEMA_REFUSED = Message("GraphQL 贡献无法使用", "its contribution to GraphQL cannot be used")
    MIGRATION_FAILED = Message("迁移失败", "its migrations fail")
    TABLES_DIFFER = Message("表与代码不一致", "its tables are not what its code wants")
    DOWNGRADE_LEAVES = Message("降级后留有表", "a downgrade leaves tables")
    FORGET_LEAVES = Message("忘记后留有数据", "something is left after it was forgotten")
    ENABLE_DIFFERS = Message("停用再启用后数据改变", "its data changes when it is disabled and enabled again")
    HOOK_FAILED = Message("钩子抛出异常", "a hook raises")
    HOOK_OFFENCE = Message("钩子做了不允许的事", "a hook does what no hook may do")
    HOOK_TOO_SLOW = Message("钩子超时", "a hook takes too long")
    NETWORK_IN_HOOK = Message("钩子访问网络", "a hook uses the network")
    IMPURE_CHECK = Message("检查或预览改变了数据", "a check or a preview changes data")
    NOT_DETERMINISTIC = Message("同一问题两次回答不同", "the same question is answered in two ways")
    DELIVERY_STUCK = Message("事件无法送达", "it does not take an event")
    NO_RESET = Message("缺少 reset_projection", "it has no reset_projection")
    REBUILD_DIFFERS = Message("重建与现状不一致", "a rebuild comes to something else")
    CRASH_DIFFERS = Message("崩溃后结果不同", "a crash on the way leads to something else")
    FIELD_FAILED = Message("字段无法回答", "a field does not answer")
    N_PLUS_ONE = Message("每个对象各查一次", "a field takes a statement for each object")
    TIME_IGNORED = Message("指定时点的答案后来改变", "an answer pinned to a time changes later")
    NO_CONTRACT = Message("缺少 contract.json", "there is no contract.json")
    CONTRACT_CHANGED = Message("与 contract.json 不一致", "it is not what contract.json says")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a plugin does not keep, and where."""

    code: Code
    place: str
    detail: Message

    @property
    def message(self) -> Message:
        """What is wrong, with the place and the way out."""
        kind, detail = self.code.value, self.detail
        return Message(f"{kind.zh}：{self.place}：{detail.zh}", f"{kind.en}: {self.place}: {detail.en}")


def finding(code: Code, place: str, zh: str, en: str) -> Finding:
    """A finding."""
    return Finding(code, place, Message(zh, en))


def distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each code once for each place: the first one tells enough."""
    seen: set[tuple[Code, str]] = set()
    for it in findings:
        if (it.code, it.place) not in seen:
            seen.add((it.code, it.place))
            yield it

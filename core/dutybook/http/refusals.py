"""Why an operation is not executed: what it asks for is too much, or not to be had this way."""

from collections.abc import Sequence

from dutybook.errors import BadInput, Forbidden, Refused


class TooExpensive(Refused):
    """More work than one request may ask for."""

    code = "TOO_EXPENSIVE"


class TooCostly(TooExpensive):
    """Too many objects, reckoned from lists and page sizes before anything is read."""

    def __init__(self, cost: int, limit: int) -> None:
        super().__init__(
            f"查询的预计开销为 {cost}，上限为 {limit}；请减小 first，或分成几次查询。",
            f"The query would cost {cost}, the limit is {limit}; ask for smaller pages (first), or in several queries.",
        )


class TooManyTokens(TooExpensive):
    """A document that is too long to be parsed."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"查询文档超过 {limit} 个词法单元；请把数据放进 variables，或分成几次查询。",
            f"The document has more than {limit} tokens; put data into variables, or ask in several queries.",
        )


class TooManyLevels(TooExpensive):
    """A selection nested too deep."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"查询嵌套超过 {limit} 层，请分成几次查询。",
            f"The query is nested more than {limit} levels deep; ask in several queries.",
        )


class TooManyAliases(TooExpensive):
    """The same asked too many times under other names."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"查询中的别名超过 {limit} 个（片段展开后计），请分成几次查询。",
            f"The query has more than {limit} aliases (fragments spelled out); ask in several queries.",
        )


class HoldsNul(BadInput):
    """A text with a character that no database keeps."""

    def __init__(self, path: Sequence[str | int]) -> None:
        place = ".".join(map(str, path))
        zh = f"{place} 含有空字符 U+0000，请删除；二进制内容请用 base64 字段或作为文件上传。"
        en = f"{place} holds the character U+0000; remove it, or send what is binary as base64 or as a file."
        super().__init__(zh, en, path=path)


class PageTooLong(BadInput):
    """A page that is longer than pages may be."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"first 的值 {size} 超过每页上限 {limit}；请用 after 逐页读取。",
            f"first: {size} is more than the {limit} of one page; read on with after.",
            path=["first"],
        )


class WhichOperation(BadInput):
    """A document whose operation to execute is not clear."""

    def __init__(self, name: str | None, known: list[str]) -> None:
        names = ", ".join(known)
        super().__init__(
            f"operationName 的值「{name or ''}」不能确定要执行的操作，文档中有：{names}。",
            f"operationName '{name or ''}' does not tell which operation to execute; the document has: {names}.",
            path=["operationName"],
        )


class NoStreaming(BadInput):
    """A subscription asked as if it were a query."""

    def __init__(self) -> None:
        super().__init__(
            "订阅不能以一问一答的方式执行；请用 graphql-transport-ws，或在 Accept 中只写 text/event-stream。",
            "A subscription cannot be answered by one response; use graphql-transport-ws, or Accept text/event-stream alone.",
        )


class NoIntrospection(Forbidden):
    """The actor may not read the schema."""

    def __init__(self) -> None:
        super().__init__("当前角色不能查询模式（__schema、__type）。", "This role may not read __schema and __type.")


class SeveralMutations(BadInput):
    """One key cannot stand for several transactions."""

    def __init__(self, fields: list[str]) -> None:
        names = ", ".join(fields)
        super().__init__(
            f"携带 Idempotency-Key 的请求只能有一个变更字段，收到的是：{names}；请逐个提交，各用一个键。",
            f"A request with an Idempotency-Key has one mutation field; this has {names}. Send each with a key of its own.",
        )


class WrongKey(BadInput):
    """A key that cannot be kept."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Idempotency-Key「{key[:40]}」须为 1 至 200 个可见的 ASCII 字符。",
            f"Idempotency-Key '{key[:40]}' must be 1 to 200 visible ASCII characters.",
            path=["Idempotency-Key"],
        )


class TooManyRunning(TooExpensive):
    """A connection over which enough is going on already."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"同一连接上最多同时执行 {limit} 个操作；请先结束其中一些，或另开连接。",
            f"{limit} operations are running over this connection, which is the most; complete some, or open another one.",
        )


class NotPersisted(BadInput):
    """A document that is named by its hash and not known here; clients then send the text along."""

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(str(self), str(self), path=["extensions", "persistedQuery"])

    def __str__(self) -> str:
        """The message that clients look for, in whatever language."""
        return "PersistedQueryNotFound"


class OtherHash(BadInput):
    """A hash that is not the document's."""

    def __init__(self, given: str, real: str) -> None:
        super().__init__(
            f"sha256Hash「{given[:64]}」不是该查询文档的 SHA-256，应为 {real}。",
            f"sha256Hash '{given[:64]}' is not the SHA-256 of the document, which is {real}.",
            path=["extensions", "persistedQuery", "sha256Hash"],
        )


class OutOfTime(Refused):
    """The deadline of the request has passed."""

    code = "TIMEOUT"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"请求在 {seconds:g} 秒内未能完成；查询请缩小范围，变更请以同一 Idempotency-Key 重试。",
            f"Not done within {seconds:g} seconds; ask for less, or repeat a mutation with the same Idempotency-Key.",
        )

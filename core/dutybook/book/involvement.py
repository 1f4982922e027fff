"""How a duty involves its position, read from its opening words by a table that everybody can see and HR can override."""

import re

OPENING_WORDS: dict[str, tuple[str, ...]] = {
    "ACCOUNTABLE": ("全面负责", "全面主持", "主持", "牵头", "统筹", "领导"),
    "ASSIST": ("协助", "配合", "协同", "辅助"),
    "PARTICIPATE": ("参与", "参加", "列席"),
    "SUPERVISE": ("督促", "监督", "审核", "检查", "督办", "监察", "审批", "审定", "督查", "指导"),
    "RESPONSIBLE": ("负责", "组织", "完成", "做好", "制定", "编制", "落实", "执行", "办理", "管理", "建立", "开展"),
}
"""Tried from the top; the first involvement with a fitting word wins."""

CATCH_ALL = re.compile(
    r"(完成|做好|承办|办理).{0,12}(领导|上级|主任|所长|经理|部门|公司).{0,8}(交办|安排|布置|交给|指派).{0,14}$"
)
_LEADING = re.compile(r"^[\W\d_]*(认真|积极|主动|切实|按时|及时|严格|具体|直接|、|,|，)*")


def involvement(text: str) -> str:
    """The involvement that the opening words of a duty tell; OTHER where the table knows none of them."""
    if CATCH_ALL.search(text):
        return "CATCH_ALL"
    opening = _LEADING.sub("", text, count=1)
    return next((name for name, words in OPENING_WORDS.items() if opening.startswith(words)), "OTHER")

"""Whose catalogue it is, as far as the text says so."""

import re
from collections import Counter
from collections.abc import Iterable

from dutybook.catalogue.words import opens_with_verb

_COMPANY = r"有限责任公司|股份有限公司|有限公司|集团公司|总公司|分公司|公司|集团"
_KIND = rf"(?:{_COMPANY}|供电局|电力局|医院|学校|大学|学院|银行|酒店|研究院|研究所|水厂|电厂)"
_ABOUT = r"(?=(?:各|全|及|机关|所属|内部)*(?:岗位|职责|职务|职位|部门|员工|制度|手册|管理|目录|组织|人员|$))"
_TITLE = re.compile(rf"[《【]?(?P<name>[\u4e00-\u9fffA-Za-z()（）·]{{2,28}}?{_KIND}){_ABOUT}")
_WORD = r"[^\W\da-zA-Z_的和与向对在至为及将把由或并]"
_FULL = re.compile(rf"(?:{_WORD}{{2,3}}(?:省|市|县|自治州|自治县)){{1,3}}{_WORD}{{0,10}}?{_KIND}")
_LEAD = "为在对与和向由是的及到经将把给以从于至受按"
_GENERIC = re.compile(
    r"[本我各该全贵分子总省市县区]+(?:级|属|辖)?(?:有限|股份|集团|分|子|总|全资|控股)*(?:公司|集团|医院|学校|局)?$|[本我各该全贵]"
)


def organisation_of(titles: Iterable[str], texts: Iterable[str]) -> str | None:
    """The name in a title, else the full name that the duties use most; None when there is neither."""
    named = next(filter(None, map(named_organisation, titles)), None)
    if named:
        return named
    names = Counter(name for text in texts for name in _full_names(text))
    return names.most_common(1)[0][0] if names else None


def named_organisation(title: str) -> str:
    """The organisation that a title names, if any."""
    found = _TITLE.match(title)
    name = found["name"] if found else ""
    return "" if len(name) < 4 or _GENERIC.match(name) or opens_with_verb(name) else name


def _full_names(text: str) -> Iterable[str]:
    for found in _FULL.finditer(text):
        name = found.group().lstrip(_LEAD)
        if not _GENERIC.match(name):
            yield name

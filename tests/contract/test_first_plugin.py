"""The first plugin that the readmes show is as short as they say, and answers what they say."""

import json
import re
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from dutybook.testing.book import MakeBook

HOUSE = Path(__file__).parents[2]
READMES = {"README.md": "## A first plugin in 15 lines", "README.zh-CN.md": "## 十五行写成一个插件"}


def shown(readme: str, language: str) -> str:
    """What the section shows in a language."""
    section = (HOUSE / readme).read_text(encoding="utf-8").split(READMES[readme])[1].split("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("readme", READMES)
def test_fifteen_lines_answer_on_any_day(readme: str, registry: MakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    code = shown(readme, "python")
    assert len(code.splitlines()) == 15
    grades = ModuleType("grades")
    monkeypatch.setitem(sys.modules, "grades", grades)  # where strawberry looks for what annotations name
    exec(compile(code, readme, "exec"), vars(grades))
    book = registry(plugins=[grades])
    post = book.position("主任", book.department("办公室"), grade="11", headcount=2)
    book.apply({"setPosition": {"position": post, "grade": "12"}}, on=date(2025, 7, 1))
    assert book.ask(shown(readme, "graphql"), as_="reader") == json.loads(shown(readme, "json"))

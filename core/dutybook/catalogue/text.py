"""Plain text to blocks: lines, control characters, heading marks, numbers."""

import re
from collections.abc import Iterator

from dutybook.catalogue.damage import Report
from dutybook.catalogue.decode import MAX_LINE, decode
from dutybook.catalogue.document import Block, ParsedDocument
from dutybook.catalogue.numbering import split_marker
from dutybook.errors import BadInput

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_PAGES = re.compile("[\f\v]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_HASHES = re.compile(r"(#{1,6})\s*(?=\S)")
_BOLD = re.compile(r"(\*\*|__)(?P<inner>[^*_]+)\1[:：]?$")
_SPACE = " \t\u3000\xa0"


def parse_text(name: str, data: bytes) -> ParsedDocument:
    """The blocks of a plain text file."""
    text, encoding = decode(name, data)
    del data
    report = Report()
    blocks = list(_blocks(name, text, report))
    return ParsedDocument(name, encoding, blocks, report.found())


def _blocks(name: str, text: str, report: Report) -> Iterator[Block]:
    for line, printed in _lines(name, text):
        content = _cleaned(printed, line, report)
        for part in _PAGES.split(content):
            if stripped := part.strip(_SPACE):
                yield block_of(stripped, line)


def _cleaned(content: str, line: int, report: Report) -> str:
    """The line without control and invisible characters."""
    if found := _CONTROLS.search(content):
        report.add(line, "control_characters", found.group().encode("unicode_escape").decode())
        return _CONTROLS.sub("", content)
    return content


def _lines(name: str, text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, taken one by one so that the whole is never held twice."""
    start, line = 0, 1
    for end in _ends(text):
        if end[0] - start > MAX_LINE:
            _refuse_line(name, line, end[0] - start)
        if end[0] > start:
            yield line, text[start : end[0]]
        start, line = end[1], line + 1


def _ends(text: str) -> Iterator[tuple[int, int]]:
    for found in _BREAK.finditer(text):
        yield found.span()
    yield len(text), len(text)


def _refuse_line(name: str, line: int, length: int) -> None:
    raise BadInput(
        f"文件“{name}”第 {line} 行有 {length} 个字符,上限是 {MAX_LINE}:请检查换行是否丢失。",
        f"Line {line} of “{name}” has {length} characters, the limit is {MAX_LINE}: are its line breaks lost?",
        path=(name, line),
    )


def block_of(text: str, line: int) -> Block:
    """One line as a block: heading marks and number taken off."""
    level = 0
    if text[0] in "#*_":
        if hashes := _HASHES.match(text):
            level, text = len(hashes[1]), text[hashes.end() :].rstrip("# ")
        if bold := _BOLD.match(text):
            text = bold["inner"].strip(_SPACE)
    marker, rest = split_marker(text)
    return Block(rest, line, marker, level)

"""What is no readable text is refused with its name, its place and the way out; what is odd but readable is read."""

import codecs
import gc
import time
from pathlib import Path

import pytest

from dutybook.catalogue.document import Catalogue
from dutybook.catalogue.read import read_bytes, read_file
from dutybook.errors import BadInput

TEXT = "检修员岗位职责\n1、按票作业；\n2、清点工具。\n"


def only(data: bytes) -> Catalogue:
    """The one catalogue of a file."""
    (catalogue,) = read_bytes("职责.txt", data).catalogues
    return catalogue


def duties(data: bytes) -> list[str]:
    """The duty texts of the one position of a file."""
    return [duty.text for duty in only(data).categories[0].departments[0].positions[0].duties]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("gbk"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_encoding_is_recognised_and_reported(data: bytes, encoding: str) -> None:
    assert read_bytes("职责.txt", data).encoding == encoding
    assert duties(data) == ["按票作业；", "清点工具。"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\n\n", "\f\n", "\r\n\r\n"])
def test_every_line_end_ends_a_line(end: str) -> None:
    assert duties(TEXT.replace("\n", end).encode()) == ["按票作业；", "清点工具。"]


def test_lines_are_counted_from_one_whatever_ends_them() -> None:
    position = only(b"\r\n\r" + TEXT.encode()).categories[0].departments[0].positions[0]
    assert position.lines == (3,)
    assert [duty.lines for duty in position.duties] == [(4,), (5,)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "0 "),
        (b" \n\t\n", "4 "),
        (b"%PDF-1.7\n...", "PDF"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "OLE"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"abc\x00\x01\x02\x00\xff\xfe\x00" * 9, "NUL"),
        (b"\xef\xbb\xbfabc\xff", "byte 3"),
        (b"abc \xff\xff\xff", "byte 4"),
    ],
)
def test_what_is_no_text_is_refused_with_what_was_found(data: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_bytes("职责.doc", data)
    message = refused.value.message
    assert "职责.doc" in message.zh
    assert "职责.doc" in message.en
    assert said in message.en


def test_fifty_megabytes_on_one_line_are_refused_at_once() -> None:
    data = "1、检修设备；".encode() * 2_700_000
    start = time.perf_counter()
    with pytest.raises(BadInput, match="20000"):
        read_bytes("一行.txt", data)
    assert time.perf_counter() - start < 3


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(BadInput, match="67108864"):
        read_file(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="没有"):
        read_file(tmp_path / "没有.txt")


def test_a_text_without_duties_gives_no_catalogue() -> None:
    reading = read_bytes(
        "通知.txt", ("关于春季检查的通知\n一、时间\n三月上旬。\n二、要求\n" + "各班组提前准备。\n" * 60).encode()
    )
    assert reading.catalogues == ()
    assert [skipped.span for skipped in reading.skipped] == [(1, 64)]


def test_control_characters_are_removed_and_told_while_markup_stays() -> None:
    catalogue = only("检修员岗位职责\n1、按\x07票\u200b作业；\n2、<b>清点</b> & 归位。\n".encode())
    assert [damage.kind for damage in catalogue.warnings] == ["control_characters"]
    assert duties("检修员岗位职责\n1、按\x07票作业；\n2、<b>清点</b> & 归位。\n".encode()) == [
        "按票作业；",
        "<b>清点</b> & 归位。",
    ]


def test_numbering_nested_without_end_is_read_like_any_other() -> None:
    marks = ["1、", "(1)", "①", "a)", "A、", "⑴", "一、", "(一)", "Ⅰ、", "1)"]
    lines = ["检修员岗位职责", *(f"{marks[depth % 10]}第{depth}层；" for depth in range(20_000))]
    start = time.perf_counter()
    read_bytes("嵌套.txt", "\n".join(lines).encode())
    read_bytes("嵌套.txt", ("#" * 5_000 + "一、" * 5_000).encode())
    assert time.perf_counter() - start < 5


def test_reading_grows_in_step_with_the_length_of_the_file() -> None:
    once = "".join(
        f"({number % 9 + 1})第{number}班班长岗位职责\n1、安排第{number}班工作；\n2、点名。\n" for number in range(1_500)
    ).encode()
    twice = once + once.replace("班".encode(), "组".encode())
    assert work(twice) < work(once) * 4


def work(data: bytes) -> float:
    """Seconds of this thread's own, at best: neither a busy machine nor what other tests left in memory counts."""
    gc.disable()
    try:
        return min(_seconds(data) for _ in range(3))
    finally:
        gc.enable()


def _seconds(data: bytes) -> float:
    start = time.thread_time()
    read_bytes("长.txt", data)
    return time.thread_time() - start

"""What a page or a web site adds to a document: page numbers, running lines, addresses, links to other articles."""

import re
from collections.abc import Iterator, Sequence

from dutybook.catalogue.damage import Report
from dutybook.catalogue.document import Block
from dutybook.catalogue.words import SUFFIX_ENDS, ends_sentence, is_duty_label, is_heading_like, is_section_label

_PAGE = re.compile(
    r"(?:第\s*\d{1,4}\s*页.*|共\s*\d{1,4}\s*页.*|[-–—~·\s]*\d{1,4}[-–—~·\s]*页?|[Pp](?:age)?[.\s]*\d{1,4}.*|\d{1,4}\s*/\s*\d{1,4}|[-–—=_*~]{3,})$"
)
_WEB = re.compile(
    r"https?:|www\.|(?:网址|来源|出处|文章来源|作者|编辑|责任编辑|供稿|整理|发布者|发布人|浏览次数|浏览|点击|阅读|字号|标签|关键词|下载地址)\s*[:：]"
    r"|(?:时间|日期|发布时间|更新时间|发表时间|发布日期|更新日期)\s*[:：]\s*[\d_]{2}|版权所有|版权归|转载请|[上下]一篇|相关(?:文章|推荐|阅读|精选|期刊|资料|链接|内容)"
    r"|本文(?:来自|来源|由|地址)|(?:您的?)?当前位置|返回(?:首页|顶部|目录|列表)|打印本页|关闭窗口|分享到|加入收藏|扫一扫|点击下载|Copyright|©|首页\s*[>»]"
)
_LINKS = re.compile(r"相关(?:文章|推荐|阅读|精选|期刊|资料|链接|内容)")
_DIGITS = re.compile(r"\d+")
_NOISY = frozenset("0123456789第共-–—~·PphHwW网来出文作编责供整发浏点阅字标关下时日更版转上相本您当返打分加扫C©首=_*")


def drop_noise(blocks: Sequence[Block], report: Report) -> list[Block]:
    """The blocks without what does not belong to the text; running lines are reported once each."""
    kept = [block for block in _without_links(blocks) if not _is_noise(block)]
    running = _running_lines(kept)
    if not running:
        return kept
    for key, line in running.items():
        report.add(line, "running_line", key)
    return [block for block in kept if not _may_run(block) or _key(block) not in running]


def _without_links(blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks without the titles listed under 相关文章; the last one stays where a list follows it."""
    listing = False
    for index, block in enumerate(blocks):
        listing = block.marker is None and (listing or (block.text[0] == "相" and bool(_LINKS.match(block.text))))
        after = blocks[index + 1].marker if index + 1 < len(blocks) else None
        if not listing or after is not None:
            yield block


def _is_noise(block: Block) -> bool:
    text = block.printed if block.marker and not block.text else block.text
    if text[:1] not in _NOISY or len(text) > 120 or (block.marker and block.text and not block.marker.weak):
        return False
    return bool(_PAGE.match(text)) or (block.marker is None and bool(_WEB.match(text)))


def _may_run(block: Block) -> bool:
    if block.marker or block.level or len(block.text) > 40 or ends_sentence(block.text):
        return False
    return not is_duty_label(block.text) and not is_section_label(block.text)


def _key(block: Block) -> str:
    return _DIGITS.sub("#", block.text)


def _running_lines(blocks: Sequence[Block]) -> dict[str, int]:
    """Lines met again and again in different surroundings that cut lists or sentences: key and first line."""
    before: dict[str, set[str]] = {}
    cuts: dict[str, int] = {}
    first: dict[str, int] = {}
    for index, block in enumerate(blocks):
        if not _may_run(block):
            continue
        key = _key(block)
        first.setdefault(key, block.line)
        before.setdefault(key, set()).add(f"{blocks[index - 1].text if index else ''}\n{block.text}")
        cuts[key] = cuts.get(key, 0) + _cuts(blocks, index)
    return {key: line for key, line in first.items() if cuts[key] and len(before[key]) >= (2 if cuts[key] >= 2 else 3)}


def _cuts(blocks: Sequence[Block], index: int) -> bool:
    """Whether the list or sentence before the block goes on right after it."""
    if not 0 < index < len(blocks) - 1:
        return False
    before, after = blocks[index - 1], blocks[index + 1]
    if after.marker and after.marker.number == 1 and before.text.endswith(SUFFIX_ENDS):
        return True
    if before.marker and after.marker:
        return before.marker.style == after.marker.style and after.marker.number == before.marker.number + 1 > 1
    unfinished = bool(before.marker) and not ends_sentence(before.text) and not is_heading_like(before.text)
    return unfinished and after.marker is None and ends_sentence(after.text)

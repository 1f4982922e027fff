"""What is odd in a finished position but stays as printed: suffixes of headings, punctuation of duties."""

import re
from collections import Counter
from collections.abc import Sequence

from dutybook.catalogue.damage import Report
from dutybook.catalogue.document import Duty
from dutybook.catalogue.drafts import Draft
from dutybook.catalogue.words import CLOSERS, ends_sentence, heading_of

_DOUBLED = re.compile(r"([,，;；。、:：!！?？])\s?\1|[,，、;；][。;；,，]|。[;；,，]")


def check(drafts: Sequence[Draft], report: Report) -> None:
    """Report headings and duties that differ from what is usual in their catalogue."""
    _headings(drafts, report)
    _punctuation(drafts, report)


def _headings(drafts: Sequence[Draft], report: Report) -> None:
    named = [draft for draft in drafts if draft.title and draft.heading]
    suffixes = Counter(draft.suffix for draft in named)
    usual = max((suffix for suffix in suffixes if suffix), key=lambda suffix: suffixes[suffix], default="")
    if not usual or suffixes[usual] * 2 < len(named):
        usual = ""
    for draft in named:
        if draft.suffix and heading_of(draft.heading).doubled:
            report.add(draft.line, "heading_suffix_doubled", draft.heading)
        elif usual and not draft.suffix:
            report.add(draft.line, "heading_suffix_missing", draft.heading)
        elif draft.suffix != usual and usual.endswith(draft.suffix):
            report.add(draft.line, "heading_suffix_short", draft.heading)


def _punctuation(drafts: Sequence[Draft], report: Report) -> None:
    duties = [duty for draft in drafts for duty in draft.duties]
    stopped = sum(ends_sentence(duty.text) for duty in duties) * 10 >= len(duties) * 6
    lasts = [draft.duties[-1] for draft in drafts if draft.duties]
    closed = sum(_stops(duty) for duty in lasts) * 10 >= len(lasts) * 6
    for duty in duties:
        if _DOUBLED.search(duty.text):
            report.add(duty.lines[0], "double_punctuation", duty.text)
        if stopped and not ends_sentence(duty.text) and "\n" not in duty.text:
            report.add(duty.lines[-1], "final_punctuation_missing", duty.text)
    for duty in lasts:
        if closed and duty.text[-1:] in ";；,，":
            report.add(duty.lines[-1], "last_punctuation", duty.text)


def _stops(duty: Duty) -> bool:
    return duty.text.rstrip(CLOSERS).endswith("。")

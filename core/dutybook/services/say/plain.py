"""Opening, setting, closing, reopening and rescinding records of any kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial

from dutybook.book.changes import CLOSE, OPEN, RESCIND, SET, Change
from dutybook.book.ids import kind_name as kind_of_type
from dutybook.book.ids import read_id, type_name
from dutybook.book.kinds import Kind, Value
from dutybook.book.timeline import CLOSING, OPENING, Span
from dutybook.book.times import eve
from dutybook.services.drafts import Draft
from dutybook.services.say.ordering import place
from dutybook.services.say.words import CODE, Words, snake

OTHER_WORDS = {
    "duty": ("addDuty", "setDuty", "withdrawDuty"),
    "assignment": ("appoint", "setAssignment", "endAssignment"),
}
DEFAULTS: Mapping[str, Mapping[str, Value]] = {
    "position": {"headcount": 1},
    "assignment": {"kind": "PRIMARY", "share": 100, "suspended": False},
}
NUMBERS = {"employee": "number"}
LAST_WORDS: Mapping[str, tuple[str, ...]] = {"assignment": ("reason", "document")}
"""What may be said of the end of a record; it is kept with its last day."""


def of(kind: Kind) -> dict[str, Callable[[Draft, Words], None]]:
    """The sayings that every kind has."""
    name = type_name(kind.name)
    words = OTHER_WORDS.get(kind.name, (f"open{name}", f"set{name}", f"close{name}"))
    return dict(zip(words, (partial(open_, kind), partial(set_, kind), partial(close, kind)), strict=True))


def open_(kind: Kind, draft: Draft, words: Words) -> None:
    """A record begins."""
    new_record(kind, draft, words)


def new_record(kind: Kind, draft: Draft, words: Words, extra: Mapping[str, Value] | None = None) -> int:
    """Opens a record with the words' values and gives its key."""
    day, key = words.start(), draft.new_key()
    organisation = _organisation(kind, draft, words)
    given = {**DEFAULTS.get(kind.name, {}), **words.values(kind), **(extra or {})}
    values = words.checked(kind, {**dict.fromkeys(kind.by_name), **given})
    if "rank" in kind.by_name:
        values["rank"] = place(words, kind.name, siblings(kind, draft, values, organisation, day), day)
    code = _code(kind, draft, words, organisation)
    sealed = draft.sealed(kind, key, values)
    draft.add(Change(OPEN, kind.name, key, day, words.day("to"), sealed, code=code, organisation=organisation))
    return key


def _organisation(kind: Kind, draft: Draft, words: Words) -> int:
    if not kind.coded or kind.name == "organisation":
        return 0
    named = words.key_or_none("organisation", "organisation") or draft.only_organisation
    if named is None:
        zh = "请指明单位（organisation）：变更单未指定，账册中也不止一个单位。"
        raise words.fail("organisation", zh, "Name the organisation: the set has none, and the book not exactly one.")
    return named


def _code(kind: Kind, draft: Draft, words: Words, organisation: int) -> str | None:
    if not kind.coded:
        return None
    name = NUMBERS.get(kind.name, "code")
    given = words.checked_as(CODE, name, words.take(name))
    return str(given) if given else draft.new_code(kind, organisation)


def siblings(kind: Kind, draft: Draft, values: Mapping[str, Value], organisation: int, day: date) -> list[int]:
    """The records beside which a new one will stand, in official order."""
    for name in kind.parents:
        if isinstance(parent := values.get(name), int):
            return draft.children(kind.name, name, parent, day)
    return draft.roots(kind.name, kind.parents, organisation, day)


def set_(kind: Kind, draft: Draft, words: Words) -> None:
    """Named fields change from a day on, or for a time."""
    key, day, end = words.key(kind.name, kind.name), words.start(), words.day("to")
    values = draft.sealed(kind, key, words.values(kind))
    moves = words.has("before") or words.has("after") or (set(kind.parents) & values.keys())
    if moves and "rank" in kind.by_name:
        now = {**{name: draft.value(kind.name, key, name, day) for name in kind.parents}, **values}
        beside = [
            other for other in siblings(kind, draft, now, draft.organisation_of(kind.name, key), day) if other != key
        ]
        values["rank"] = place(words, kind.name, beside, day)
    if not values:
        words.refuse_unknown()
        raise words.fail(kind.name, f"{words.name} 没有给出要改的字段。", f"{words.name} names no field to change.")
    draft.add(Change(SET, kind.name, key, day, end, values))


def close(kind: Kind, draft: Draft, words: Words) -> None:
    """A record ends on a day; `withDependents` ends with it what lies within it."""
    key, day = words.key(kind.name, kind.name), words.start()
    if words.take("with_dependents"):
        close_dependents(draft, kind.name, key, day)
    why = {
        name: value for name, value in words.values(kind, LAST_WORDS.get(kind.name, ())).items() if value is not None
    }
    draft.add(Change(CLOSE, kind.name, key, day))
    if why:
        start = max(span.start for span in draft.timeline(kind.name, key).spans if span.end == day)
        last = max(eve(day), start)
        draft.add(Change(SET, kind.name, key, last, values=draft.sealed(kind, key, why)))


def close_dependents(draft: Draft, kind: str, key: int, day: date, above: frozenset[int] = frozenset()) -> None:
    """Ends what would be left without its parent; records that merely refer to it lose the reference.

    `above` are the keys that are being closed already: the same set may have put a record below itself.
    """
    above |= {key}
    for child, field in draft.book.kinds.referring_to(kind):
        for dependent in draft.children(child.name, field.name, key, day):
            days = draft.referring(child.name, dependent, field.name, key, day)
            if days and (field.name in child.parents or field.required):
                if dependent in above:
                    continue
                close_dependents(draft, child.name, dependent, days[0], above)
                end(draft, child.name, dependent, days)
            else:
                refer(draft, child.name, dependent, field.name, None, days)


def end(draft: Draft, kind: str, key: int, days: Sequence[date]) -> None:
    """Closes a record on the first of these days, or takes it back where it would only begin then."""
    for day in days:
        span = draft.timeline(kind, key).span_on(day)
        if span and span.start == day:
            draft.add(Change(RESCIND, kind, key, day, names=(OPENING,)))
        elif span:
            draft.add(Change(CLOSE, kind, key, day))


def refer(draft: Draft, kind: str, key: int, field: str, other: int | None, days: Iterable[date]) -> None:
    """From these days on a record refers to another one, or to none."""
    for day in days:
        draft.add(Change(SET, kind, key, day, values={field: other}))


def reopen(draft: Draft, words: Words) -> None:
    """A record that ended begins again with what was last known of it; `withDependents` takes along what ended with it."""
    kind, key = _subject(words)
    day = words.start()
    if not (last := _last(draft, kind.name, key, day)):
        zh, en = (
            f"该记录在 {day} 之前从未终止，无从重新设立。",
            f"It did not end by {day}, so there is nothing to reopen.",
        )
        raise words.fail("subject", zh, en)
    _again(draft, kind, key, last, (day, words.day("to")), along=bool(words.take("with_dependents")))


def _again(
    draft: Draft, kind: Kind, key: int, last: Span, days: tuple[date, date | None], *, along: bool = False
) -> None:
    values = {**last.values(eve(last.end)), **dict.fromkeys(LAST_WORDS.get(kind.name, ()))}
    draft.refuse_erased(kind, key, values)
    draft.add(Change(OPEN, kind.name, key, days[0], days[1], values))
    for child, field in draft.book.kinds.referring_to(kind.name) if along else ():
        # People are appointed anew: where they are by now is not known from where they were.
        if field.name in child.parents and not child.person:
            for dependent in draft.children(child.name, field.name, key, eve(last.end)):
                theirs = _last(draft, child.name, dependent, days[0])
                if theirs and theirs.end == last.end:
                    _again(draft, child, dependent, theirs, days, along=True)


def _last(draft: Draft, kind: str, key: int, day: date) -> Span | None:
    """The last existence of a record, if it ended by a day."""
    span = max(draft.timeline(kind, key).spans, key=lambda span: span.end, default=None)
    return span if span and span.end <= day else None


def rescind(draft: Draft, words: Words) -> None:
    """What began on a day was never true; the predecessor runs on."""
    kind, key = _subject(words)
    given = tuple(_rescinded(str(name)) for name in words.items("attributes"))
    # What is meant is written out, since others may change more on that day before this is published.
    names = given or draft.timeline(kind.name, key).begins(words.start())
    draft.add(Change(RESCIND, kind.name, key, words.start(), names=names))


def _subject(words: Words) -> tuple[Kind, int]:
    """The record of whatever kind that is named by its id."""
    text = str(words.required("subject"))
    if (found := read_id(text)) is None:
        zh = f"「{text[:60]}」不是有效的标识（id）；此处须指明记录的 id，不能用编号。"
        en = f"'{text[:60]}' is not an id of this book; name the record by its id, not by its code."
        raise words.fail("subject", zh, en)
    key = words.resolve("subject", kind_of_type(found.type), str(found))
    return words.draft.book.kinds[kind_of_type(found.type)], key


def _rescinded(name: str) -> str:
    return {"opening": OPENING, "closing": CLOSING}.get(name, snake(name))

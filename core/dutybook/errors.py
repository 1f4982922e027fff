"""What can go wrong, said in Chinese and English, with the place and the way out."""

import traceback
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple


class Message(NamedTuple):
    """One sentence in both languages of the house."""

    zh: str
    en: str

    def pick(self, language: str) -> str:
        """The sentence for a language tag such as `zh-CN` or `en`; Chinese unless English is asked for."""
        return self.en if language.lower().startswith("en") else self.zh

    def __str__(self) -> str:
        """Both, for whoever cannot know who reads."""
        return f"{self.zh} / {self.en}"


class DutybookError(Exception):
    """Something expected that is told to the user: `code` for programs, `message` for people, `path` to the place."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, zh: str, en: str, *, path: Sequence[str | int] = ()) -> None:
        super().__init__(f"{zh} / {en}")
        self.message = Message(zh, en)
        self.path = tuple(str(step) for step in path)


class BadInput(DutybookError):
    """The input cannot be read or breaks its own form: exit code 2, `BAD_USER_INPUT`."""

    code = "BAD_USER_INPUT"


class Refused(DutybookError):
    """The input is well formed, but a rule of the book forbids it: exit code 1."""


class Forbidden(DutybookError):
    """The actor has no right to this; reads answer as if it were absent instead."""

    code = "FORBIDDEN"


class NotFound(DutybookError):
    """Nothing by that name, in that time, within the actor's scope."""

    code = "NOT_FOUND"


def causes(error: BaseException | None) -> list[dict[str, Any]]:
    """For the log: what led to an error and where, but no message: those quote values, and a wage is a value."""
    return [_cause(each) for each in _chain(error)]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _cause(error: BaseException) -> dict[str, Any]:
    frames = traceback.walk_tb(error.__traceback__)
    return {
        "type": type(error).__qualname__,
        "frames": [f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in frames],
    }

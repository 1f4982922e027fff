"""How much one request may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one request; `list_sizes` says by `Type.field` how long a list without `first` is taken to be,
    and of how many objects a text is made.

    `upload` is for each file that comes beside a request, in a form, whose other parts `body` bounds like any request;
    `running` operations go on at once over one connection; within `init_seconds` a socket says who it is; a stream that has
    nothing to tell for `quiet_seconds` gives a sign of life.
    """

    body: int = 1_000_000
    upload: int = 20_000_000
    json_depth: int = 32
    tokens: int = 2_000
    depth: int = 15
    aliases: int = 15
    page: int = 200
    cost: int = 5_000
    read_seconds: float = 10
    write_seconds: float = 60
    list_size: int = 10
    list_sizes: Mapping[str, int] = field(default_factory=dict)
    running: int = 20
    init_seconds: float = 10
    quiet_seconds: float = 15

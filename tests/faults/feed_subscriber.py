"""A subscriber of the feed as a process of its own: it writes down what it hears, and resumes after what it wrote last."""

import sys
from itertools import count
from pathlib import Path
from time import sleep

from websockets.exceptions import WebSocketException

from tests.flow.streams import opened

CHANGES = "subscription ($after: Int!) { changes(after: $after) { sequence type } }"


def follow(url: str, token: str, log: Path) -> None:
    """Until killed; a server that is away, or that ends, is asked again."""
    for _ in count():
        try:
            listen(url, token, log)
        except (OSError, WebSocketException, EOFError):
            sleep(0.05)


def listen(url: str, token: str, log: Path) -> None:
    with opened(url, token) as socket, log.open("a") as lines:
        socket.greet().begin(CHANGES, {"after": last(log)})
        while True:
            event = socket.told(timeout=3600)["changes"]
            print(event["sequence"], event["type"], file=lines, flush=True)


def heard(log: Path) -> list[tuple[int, str]]:
    """What was written down; a line without its end was being written by one that was killed, who did not hear it."""
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    return [(int(line.split()[0]), line.split()[1]) for line in lines if line.endswith("\n")]


def last(log: Path) -> int:
    """The sequence that was written last; what was half written is taken back."""
    events = heard(log)
    log.write_text("".join(f"{sequence} {type_}\n" for sequence, type_ in events))
    return events[-1][0] if events else 0


if __name__ == "__main__":
    follow(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

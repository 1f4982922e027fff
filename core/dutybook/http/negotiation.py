"""Which media types go in and out of GraphQL over HTTP."""

from collections.abc import Iterator
from email.message import Message
from functools import lru_cache

from dutybook.http.problems import NotAcceptable, UnsupportedMedia

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"


@lru_cache(64)
def answer_type(accept: str | None) -> str:
    """The media type of the answer; JSON wherever neither the newer type nor a stream is asked for by name."""
    ranges = dict(_ranges(accept or "*/*"))
    if ranges.get(EVENTS, 0) > 0 and not {JSON, GRAPHQL} & ranges.keys():
        return EVENTS  # clients that name JSON beside it, as urql does, expect JSON
    quality, _, chosen = max(_rank(ranges, media) for media in (JSON, GRAPHQL))
    if quality <= 0:
        raise NotAcceptable(accept or "", (GRAPHQL, JSON, EVENTS))
    return chosen


def _rank(ranges: dict[str, float], media: str) -> tuple[float, int, str]:
    """How much a media type is wanted: its quality, then whether by name; of equals the newer, if by name, else JSON."""
    if media in ranges:
        return ranges[media], 3 if media == GRAPHQL else 2, media
    quality = ranges.get("application/*", ranges.get("*/*", 0))
    return quality, 1 if media == JSON else 0, media


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        yield media, next((_quality(value[2:]) for value in parameters if value.startswith("q=")), 1)


def _quality(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0


@lru_cache(64)
def demand_json(content_type: str | None, content_encoding: str | None) -> None:
    """Let only plain UTF-8 JSON in; a form or plain text could be sent by any foreign page."""
    header = Message()
    header["Content-Type"] = content_type or "application/octet-stream"
    charset = str(header.get_param("charset", "utf-8")).lower()
    if header.get_content_type() != JSON or charset not in {"utf-8", "utf8"}:
        raise UnsupportedMedia(content_type or "")
    if (content_encoding or "identity").lower() != "identity":
        raise UnsupportedMedia(f"{content_type}; {content_encoding}")

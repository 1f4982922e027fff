"""A live server over a book with plugins."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import httpx
import uvicorn

from dutybook.access.actor import OPERATOR
from dutybook.app import application
from dutybook.services.accounts import create_token, create_user
from dutybook.services.book import Book
from dutybook.settings import Settings
from tests.flow.http_server import until


@dataclass
class Served:
    """Where it is, and the token of each role."""

    url: str
    tokens: dict[str, str]

    def get(self, path: str, role: str | None = "editor", **headers: str) -> httpx.Response:
        """Asks as somebody of a role, in Chinese unless the headers say otherwise."""
        signed = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        # Certificates, which loopback has no use for, would take longer to load than an answer.
        return httpx.get(self.url + path, headers={**signed, **headers}, timeout=30, verify=False)

    def ask(self, query: str, role: str = "editor", **variables: Any) -> Any:
        """The data of a GraphQL answer."""
        sent = {"Authorization": f"Bearer {self.tokens[role]}", "Accept-Language": "en"}
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=body, headers=sent, timeout=30, verify=False).json()
        assert "errors" not in answer, answer
        return answer["data"]


def tokens_of(book: Book, *roles: str) -> dict[str, str]:
    """A user with a token for each role."""
    with book.database.write() as session:
        for role in roles:
            create_user(session, book, OPERATOR, role, [role])
        return {role: create_token(session, book, OPERATOR, role, name="test") for role in roles}


@contextmanager
def served(book: Book, **settings: Any) -> Iterator[Served]:
    """The server runs while the block does."""
    app = application(Settings(**settings), book)
    config = uvicorn.Config(app, loop="asyncio", access_log=False, log_level="warning")
    server = uvicorn.Server(config)
    tokens = tokens_of(book, "reader", "editor", "approver", "publisher", "administrator")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
        thread.start()
        until(lambda: server.started, seconds=10)
        try:
            yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", tokens)
        finally:
            server.should_exit = True
            thread.join()

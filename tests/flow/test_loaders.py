"""Batches know the answers that are there, and none that failed or was given up."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from dutybook.graphql.loaders import Batch


async def doubled(keys: Sequence[int]) -> Mapping[int, int]:
    return {key: 2 * key for key in keys if key}


def test_what_was_asked_for_together_is_known_once_it_was_read() -> None:
    async def ask() -> list[int | None]:
        batch = Batch(doubled)
        waiting = [batch(key) for key in (1, 2)]
        before = batch.known(1)
        await asyncio.gather(*waiting)
        return [before, *map(batch.known, (1, 2, 3))]

    assert asyncio.run(ask()) == [None, 2, 4, None]


def test_nothing_is_known_of_a_key_that_failed_or_was_given_up() -> None:
    async def ask() -> list[int | None]:
        batch = Batch(doubled)
        with pytest.raises(KeyError):
            await batch(0)
        given_up = asyncio.ensure_future(batch(1))
        given_up.cancel()
        await asyncio.sleep(0)
        return [batch.known(0), batch.known(1)]

    assert asyncio.run(ask()) == [None, None]

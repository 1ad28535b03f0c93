"""A repeated call has one effect and one reply."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, select

from kernel.data import Database, Tx
from kernel.data.once import once
from kernel.data.tables import house_tables
from kernel.errors import Conflict, Invalid
from kernel.facade import Principal, Value
from kernel.facade.context import Context, enter, leave
from kernel.testing.databases import Databases

metadata = house_tables(MetaData())
notes = Table("notes", metadata, Column("id", Integer, primary_key=True), Column("words", Text, nullable=False))


class Note(Value, frozen=True, kw_only=True):
    words: str


class Written(Value, frozen=True, kw_only=True):
    id: int
    words: str


async def write(db: Database, words: str, *, key: str | None, name: str = "ann") -> Written:
    def work(tx: Tx) -> Written:
        row = tx.execute(insert(notes).returning(notes.c.id), {"words": words}).scalar_one()
        return Written(id=row, words=words)

    token = enter(Context(received=key, principal=Principal(name=name, role="operator")))
    try:
        return await once(db, "toy/Notes/write", Note(words=words), Written, work)
    finally:
        leave(token)


async def count(db: Database) -> int:
    return await db.read(lambda tx: tx.execute(select(func.count()).select_from(notes)).scalar_one())


async def test_gives_the_first_reply_again_and_writes_nothing(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        first = await write(db, "milk", key="k1")
        again = await write(db, "milk", key="k1")
        assert (again, type(again), await count(db)) == (first, Written, 1)


async def test_without_a_key_each_call_is_a_new_one(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        await write(db, "milk", key=None)
        await write(db, "milk", key=None)
        assert await count(db) == 2


async def test_refuses_the_key_of_another_request(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        await write(db, "milk", key="k1")
        with pytest.raises(Conflict, match="'k1' was used for another request to toy/Notes/write"):
            await write(db, "bread", key="k1")
        assert await count(db) == 1


async def test_keys_of_two_principals_do_not_meet(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        ann = await write(db, "milk", key="1")
        bob = await write(db, "bread", key="1", name="bob")
        assert (ann.words, bob.words) == ("milk", "bread")


async def test_one_effect_from_eight_calls_at_once_on_two_connections(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        other = await Database.open("toy", databases.url)
        replies = await asyncio.gather(*(write(db if n % 2 else other, "milk", key="k1") for n in range(8)))
        assert (len(set(map(repr, replies))), await count(db)) == (1, 1)
        await other.close()


async def test_a_fault_stores_nothing_so_that_the_call_may_be_tried_again(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:

        def fails(tx: Tx) -> Written:
            tx.execute(insert(notes), {"words": "half"})
            raise Conflict(what="not now")

        token = enter(Context(received="k1"))
        with pytest.raises(Conflict, match="not now"):
            await once(db, "toy/Notes/write", Note(words="milk"), Written, fails)
        assert await count(db) == 0
        reply = await once(db, "toy/Notes/write", Note(words="milk"), Written, lambda tx: Written(id=1, words="milk"))
        leave(token)
        assert reply.words == "milk"


async def test_a_reply_of_nothing_is_a_reply(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        calls: list[int] = []
        token = enter(Context(received="k1"))

        def clear(tx: Tx) -> None:
            calls.append(1)

        replies: list[object] = []
        for _ in range(2):
            replies += [await once(db, "toy/Notes/clear", (), None, clear)]
        leave(token)
        assert (replies, calls) == ([None, None], [1])


async def test_a_key_that_is_too_long_is_refused_in_words(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        with pytest.raises(Invalid, match="Idempotency-Key: at most 200 characters"):
            await write(db, "milk", key="k" * 201)

"""The SQL of the suggestions, and their events: what changes and what is told of it is one transaction."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from kernel.data import Tx
from kernel.data.inbox import first
from kernel.data.outbox import emit
from modules.automation.events import SuggestionAdded, SuggestionDismissed, SuggestionExpired, SuggestionReturned
from modules.automation.internal.domain.takeover import Takeover
from modules.automation.internal.tables import suggestions
from modules.automation.types import Suggestion, SuggestionQuestion

_text = select(suggestions.c.suggestion)
_insert = insert(suggestions)
_update = (
    update(suggestions)
    .where(suggestions.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), suggestion=bindparam("new_text"))
)
_rank = (
    update(suggestions)
    .where(suggestions.c.id == bindparam("of_id"), suggestions.c.rank != bindparam("new_rank"))
    .values(rank=bindparam("new_rank"))
)


def unheard(tx: Tx, consumer: str, envelope_id: str) -> bool:
    """Whether this consumer meets the envelope for the first time."""
    return first(tx, consumer, envelope_id)


def one(tx: Tx, suggestion_id: str) -> Suggestion | None:
    text = tx.execute(_text.where(suggestions.c.id == suggestion_id)).scalar_one_or_none()
    return None if text is None else _value(text)


def every(tx: Tx) -> dict[str, Suggestion]:
    """All suggestions by id."""
    found = (_value(text) for text in tx.execute(_text).scalars())
    return {suggestion.id: suggestion for suggestion in found}


def asked(tx: Tx, question: SuggestionQuestion) -> tuple[Suggestion, ...]:
    """Best first."""
    wanted = _text.order_by(suggestions.c.rank, suggestions.c.id).limit(question.limit)
    if question.states:
        wanted = wanted.where(suggestions.c.state.in_(question.states))
    return tuple(_value(text) for text in tx.execute(wanted).scalars())


def take_over(tx: Tx, plan: Takeover) -> None:
    """Write what a learning changed, and tell of it."""
    for suggestion in plan.added:
        tx.execute(_insert, {**_row(suggestion), "rank": plan.ranks[suggestion.id]})
        emit(tx, SuggestionAdded(suggestion_id=suggestion.id, sentence=suggestion.habit.sentence))
    for suggestion in (*plan.updated, *plan.returned, *plan.expired):
        _change(tx, suggestion)
    for suggestion in plan.returned:
        emit(tx, SuggestionReturned(suggestion_id=suggestion.id))
    for suggestion in plan.expired:
        emit(tx, SuggestionExpired(suggestion_id=suggestion.id))
    if plan.ranks:
        tx.execute(_rank, [{"of_id": name, "new_rank": rank} for name, rank in plan.ranks.items()])


def dismiss(tx: Tx, suggestion: Suggestion) -> None:
    """Write a dismissed suggestion, and tell of it."""
    _change(tx, suggestion)
    emit(tx, SuggestionDismissed(suggestion_id=suggestion.id, reason=suggestion.dismissed_because or ""))


def _change(tx: Tx, suggestion: Suggestion) -> None:
    row = _row(suggestion)
    tx.execute(_update, {"of_id": row["id"], "new_state": row["state"], "new_text": row["suggestion"]})


def _row(suggestion: Suggestion) -> dict[str, Any]:
    text = msgspec.json.encode(suggestion).decode()
    return {"id": suggestion.id, "state": suggestion.state, "suggestion": text}


def _value(text: str) -> Suggestion:
    return msgspec.json.decode(text, type=Suggestion)

"""`homewright token`: who may come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import click

from homewright.session import HomeSession
from kernel.facade.context import Role


@click.group()
def token() -> None:
    """Make, list and revoke the tokens with which programs come in."""


@token.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["viewer", "operator", "admin"]), default="viewer", show_default=True)
@click.option("--days", type=click.IntRange(1, 36_500), help="For so many days; without it, until it is revoked.")
@click.pass_obj
def create(session: HomeSession, name: str, role: str, days: int | None) -> None:
    """Make a token called NAME. It is shown once, and kept only as a hash."""
    access = session.house().access
    ends = datetime.now(UTC) + timedelta(days=days) if days else None
    made = session.run(lambda: access.create(name, cast(Role, role), ends))
    secret = made.secret.reveal()

    def draw() -> None:
        session.terminal.say(secret)
        session.terminal.warn("Keep it now: it is not shown again. A running server takes it at once:")
        session.terminal.warn("  curl -H 'Authorization: Bearer <token>' http://127.0.0.1:8010/api/v1/habits")

    session.terminal.show({"token": secret, "id": made.token.id, "name": name, "role": role}, draw)


@token.command("list")
@click.pass_obj
def list_tokens(session: HomeSession) -> None:
    """List the tokens that there are and were."""
    access = session.house().access
    tokens = session.run(access.tokens)

    def draw() -> None:
        rows = [
            (one.name, one.role, _day(one.created_at), _day(one.last_used_at), _state(one.revoked_at, one.expires_at))
            for one in tokens
        ]
        session.terminal.table("Tokens", ("name", "role", "made (UTC)", "last used", "state"), rows)

    session.terminal.show(tokens, draw)


@token.command()
@click.argument("name_or_id")
@click.pass_obj
def revoke(session: HomeSession, name_or_id: str) -> None:
    """Stop a token for good; a running server knows within two seconds."""
    access = session.house().access
    gone = session.run(lambda: access.revoke(name_or_id))
    session.terminal.show(gone, lambda: session.terminal.say(f"{gone.name} ({gone.role}) opens nothing any more."))


def _day(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else None


def _state(revoked: datetime | None, expires: datetime | None) -> str:
    if revoked:
        return "revoked"
    if expires and expires <= datetime.now(UTC):
        return "expired"
    return f"until {_day(expires)}" if expires else "works"

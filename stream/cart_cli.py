"""`liveshelf cart`: a room that goes on gets another cart."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from stream.flags import Servers
from stream.settings import Settings


def add_cart(app: typer.Typer, settings: Callable[[str | None], Settings]) -> None:
    """Add `cart`.

    Args:
        app: gets the command.
        settings: called when the command runs, with the Kafka that was named.
    """

    @app.command()
    def cart(
        stream_id: Annotated[str, typer.Argument(help="Name of the room, which goes on.")],
        cart_file: Annotated[Path, typer.Argument(help="JSON, as for `ingest --cart`.")],
        from_s: Annotated[
            float | None,
            typer.Option("--from", min=0, help="Media seconds from which it holds; none: now."),
        ] = None,
        kafka: Servers = None,
    ) -> None:
        """Give a room that goes on another cart; clips from that moment on are held against it.

        Example: liveshelf cart monday cart.json --from 62.5
        """
        from stream.change_cart import change_cart

        room = asyncio.run(change_cart(settings(kafka), stream_id, cart_file, from_s))
        typer.echo(
            f"{stream_id}: {len(room.cart)} products from {room.effective_from_ms / 1_000:g} s "
            f"of media time on, version {room.version}"
        )

"""`liveshelf topics`: make, list and describe the topics."""

import asyncio
import json
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from stream.settings import Settings
from stream.topics import TOPICS


def topics_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands of the topics."""
    app = typer.Typer(no_args_is_help=True, help="The Kafka topics: make them, list them.")

    @app.command()
    def create() -> None:
        """Make the topics that are missing; check the partition counts of the others.

        Example: liveshelf topics create
        """
        from stream.admin import ensure_topics
        from stream.endpoints import find_kafka

        found = settings()
        kafka = found.kafka
        made = asyncio.run(
            ensure_topics(
                find_kafka(found), kafka.topic_prefix, kafka.partitions, kafka.replication
            )
        )
        typer.echo(
            f"made {len(made)} of {len(TOPICS)} topics" + (f": {', '.join(made)}" if made else "")
        )

    @app.command("list")
    def list_topics(
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """List every topic: what it carries, its key, how long it is kept (ms; -1: for ever).

        Example: liveshelf topics list --json
        """
        prefix = settings().kafka.topic_prefix
        rows = [
            {
                "topic": prefix + topic.name,
                "event": topic.event.kind if topic.event else None,
                "key": topic.keyed_by,
                "retention_ms": topic.retention_ms,
                "compacted": topic.compacted,
                "about": topic.about,
            }
            for topic in TOPICS
        ]
        if as_json:
            typer.echo(json.dumps(rows, indent=2))
            return
        table = Table()
        for heading in rows[0]:
            table.add_column(heading)
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        Console().print(table)

    return app

"""`liveshelf topics`: make, list and describe the topics."""

import asyncio
import json
from collections.abc import Callable

import typer
from rich.console import Console
from rich.table import Table

from stream.flags import Json
from stream.settings import Settings
from stream.topics import FOR_EVER, TOPICS, Topic


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
        as_json: Json = False,
    ) -> None:
        """List every topic: what it carries, its key, how long it is kept (JSON: ms; -1: for ever).

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
        for heading in ("topic", "event", "key", "kept", "about"):
            table.add_column(heading, overflow="fold")
        for topic in TOPICS:
            event = topic.event.kind if topic.event else ""
            name = prefix + topic.name
            table.add_row(name, event, topic.keyed_by, kept(topic), topic.about)
        Console().print(table)

    return app


def kept(topic: Topic) -> str:
    """Return how long a topic keeps a record, in words."""
    if topic.compacted:
        return "newest per key"
    if topic.retention_ms == FOR_EVER:
        return "for ever"
    hours = topic.retention_ms // 3_600_000
    return f"{hours} h" if hours % 24 else f"{hours // 24} d"

"""Flags that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Servers = Annotated[
    str | None, typer.Option("--kafka", help="Kafka host:port[,…]; default: the embedded broker.")
]
IndexUri = Annotated[
    str | None, typer.Option("--index", help="Milvus URI; default: the embedded index server.")
]
MilvusUri = Annotated[
    str | None,
    typer.Option(
        "--index", help="Milvus: http://host:port, or a path ending in .db; default: as set."
    ),
]
Encoder = Annotated[
    str, typer.Option("--encoder", help="Preset or checkpoint folder; default: as set.")
]
GrownLines = Annotated[Path, typer.Argument(help="JSON Lines; what is in it already is kept.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
JsonTags = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON object per tag event; words go to stderr."),
]
StreamId = Annotated[str, typer.Option("--stream-id", help="Name of the room.")]
Cart = Annotated[
    Path | None,
    typer.Option("--cart", help='JSON: {"cart": ["id", …], "shop": "name"} or ["id", …].'),
]
Speed = Annotated[
    float,
    typer.Option(
        "--speed", min=0, help="Media seconds per second; 0: as fast as it goes; 1: as if live."
    ),
]
TagsOut = Annotated[
    Path | None, typer.Option("--tags-out", help="Write tag events here, one JSON object per line.")
]

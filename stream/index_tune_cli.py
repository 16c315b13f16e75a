"""`liveshelf index tune`: gives what was built another vector index, or another effort."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console

from models.errors import SettingsError
from stream.flags import Json, MilvusUri
from stream.settings import Settings, with_index

if TYPE_CHECKING:
    from workers.index_kinds import Kind


def add_index_tune(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add the command `tune`.

    Args:
        app: gets it.
        settings: called when it runs, not before.
    """

    @app.command()
    def tune(
        kind: Annotated[
            str,
            typer.Option(
                help="auto (by the number of products), FLAT, HNSW, IVF_FLAT, IVF_SQ8 or IVF_PQ."
            ),
        ] = "auto",
        effort: Annotated[
            int,
            typer.Option(
                min=0,
                help="HNSW: candidates that are kept (ef); IVF: cells that are looked into "
                "(nprobe); 0: by the number of products.",
            ),
        ] = 0,
        uri: MilvusUri = None,
        as_json: Json = False,
    ) -> None:
        """Search the current products through another vector index.

        Another effort counts at once. Another index takes seconds for 100,000 products and minutes
        for a million; until it is there searches fail as if Milvus were away, and are tried again.

        Milvus Lite is always exact; a server also takes --kind HNSW --effort 256.

        Example: liveshelf index tune
        """
        from stream.endpoints import find_index
        from stream.stages.loading import open_index
        from workers.index_kinds import KINDS, index_for, index_of

        if kind not in ("auto", *KINDS):
            message = f"unknown --kind {kind!r}; want one of auto, {', '.join(KINDS)}"
            raise SettingsError(message)
        found = with_index(settings(), uri)
        index = open_index(found, find_index(found))
        current = index.current()
        count, dim = index.count(current.fingerprint), current.layout.dim
        if kind == "auto":
            vectors = index_for(count, dim, index.offers())
        else:
            vectors = index_of(cast("Kind", kind), count, dim)
        if effort:
            vectors = vectors.with_effort(effort)
        with Console(stderr=True).status(f"{vectors.kind} over {count} products"):
            tuned = index.tune(current.fingerprint, vectors)
        index.close()
        told = {"collection": tuned.collection, "products": count} | tuned.vectors.to_json()
        typer.echo(
            json.dumps(told)
            if as_json
            else f"{tuned.collection}: {tuned.vectors.kind}, effort {tuned.vectors.effort}, over "
            f"{count} products"
        )

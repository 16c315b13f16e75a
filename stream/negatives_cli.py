"""`negatives`, a command for manifests: mines the products that an encoder confuses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.count_bar import count_bar
from stream.flags import Encoder
from stream.settings import Settings, with_encoder, with_index

if TYPE_CHECKING:
    from models.manifest import Manifest
    from models.neighbours import Neighbours


def add_negatives_command(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `negatives`.

    Args:
        app: gets the command.
        settings: called when the command runs, not before.
    """

    @app.command()
    def negatives(
        manifest: Annotated[
            Path,
            typer.Argument(help="Manifest (JSON Lines, Parquet), or a folder of Grocery."),
        ],
        out: Annotated[Path, typer.Argument(help="JSON Lines to write, a product on each line.")],
        encoder: Encoder = "",
        neighbours: Annotated[
            int, typer.Option(min=1, max=1000, help="Of each product, nearest first.")
        ] = 10,
        below: Annotated[
            float,
            typer.Option(
                min=0.0, max=1.0, help="Leave out cosines above this: one product listed twice."
            ),
        ] = 1.0,
        from_index: Annotated[
            bool, typer.Option("--from-index", help="Take the product index's vectors as they are.")
        ] = False,
        uri: Annotated[
            str | None, typer.Option("--index", help="Milvus URI of that index; default: as set.")
        ] = None,
    ) -> None:
        """Find each training product's nearest others, to be trained on together.

        Example: liveshelf data negatives manifest.jsonl negatives.jsonl --encoder runs/1/checkpoint
        """
        from models.formats.layout import manifest_at
        from models.neighbours import write_neighbours

        found = with_index(with_encoder(settings(), encoder), uri)
        mined = _mined(found, manifest_at(manifest), neighbours, below, from_index=from_index)
        write_neighbours(out, mined)
        pairs = sum(map(len, mined.values()))
        typer.echo(f"{len(mined)} products with {pairs} neighbours: {out}")


def _mined(
    settings: Settings, manifest: "Manifest", most: int, below: float, *, from_index: bool
) -> "Neighbours":
    from models.hard_negatives import mine, trained_products
    from stream.stages.loading import load_encoder

    encoder = load_encoder(settings)
    if not from_index:
        with _bar("encoding") as tell:
            return mine(encoder.encode, manifest, most, tell, below)
    # Only here: who trains need not have Milvus's client.
    from stream.endpoints import find_index
    from stream.stages.loading import open_index
    from workers.index_negatives import indexed_neighbours

    index = open_index(settings, find_index(settings))
    wanted = trained_products(manifest)
    with _bar("searching") as tell:
        return indexed_neighbours(index, encoder.fingerprint, wanted, most, tell, below)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    with count_bar() as bar:
        task = bar.add_task(what)
        yield lambda done, total: bar.update(task, completed=done, total=total)

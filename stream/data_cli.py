"""`liveshelf data`: makes the encoder's manifests of other data, and says what is in one.

Thin: the work is in `models.formats` and `models.manifest_stats`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stream.count_bar import count_bar
from stream.flags import Json

if TYPE_CHECKING:
    from models.manifest_stats import Some, Stats
    from models.picture_stats import PictureStats

_LAYOUTS = "rope, lpr4m, grocery, fashion, folder, catalogue or manifest"


def data_app() -> typer.Typer:
    """Return the commands of manifests."""
    app = typer.Typer(
        no_args_is_help=True, help="Lists of pages and clips to train and examine encoders on."
    )

    @app.command()
    def convert(
        layout: Annotated[str, typer.Argument(help=f"How the data lies: {_LAYOUTS}.")],
        source: Annotated[Path, typer.Argument(help="Folder or file of the data.")],
        out: Annotated[
            Path, typer.Argument(help="Manifest: .parquet, .jsonl or .jsonl.gz; replaced.")
        ],
        options: Annotated[
            list[str] | None,
            typer.Option("--option", "-o", help="KEY=VALUE of the layout; repeatable."),
        ] = None,
    ) -> None:
        """Write data of a known layout as a manifest; what cannot be used is counted.

        Layouts and their options are described in models/formats/. Nothing is downloaded.

        Example: liveshelf data convert grocery dataset grocery.parquet -o unseen_products=10
        """
        from models.formats.layout import convert as make

        with count_bar() as bar:
            task = bar.add_task("rows", total=None)
            count, left_out = make(
                layout, source, out, options or [], lambda rows: bar.update(task, completed=rows)
            )
        typer.echo(f"rows\t{count}\t{out}")
        for what, times in sorted(left_out.items()):
            typer.echo(f"left out\t{times}\t{what}")

    @app.command()
    def catalogue(
        source: Annotated[
            Path, typer.Argument(help="Manifest, or the folder of a known data set.")
        ],
        out: Annotated[Path, typer.Argument(help="Catalogue, .jsonl; replaced.")],
    ) -> None:
        """Write a manifest's pages as a catalogue to index; paths are relative to it.

        Example: liveshelf data catalogue grocery.parquet grocery.jsonl
        """
        from models.formats.pages_catalogue import write_catalogue

        written, untitled = write_catalogue(source, out)
        typer.echo(f"products\t{written}\t{out}")
        if untitled:
            typer.echo(f"left out\t{untitled}\tno title")

    @app.command()
    def stats(
        manifest: Annotated[Path, typer.Argument(help="JSON Lines or Parquet.")],
        pictures: Annotated[
            bool, typer.Option("--pictures", help="Open every picture; about 5 ms each.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Say what is in a manifest and what is missing; text lengths are in characters.

        Example: liveshelf data stats grocery.parquet --pictures
        """
        from models.manifest_stats import manifest_stats
        from models.picture_stats import picture_stats
        from models.pictures import open_picture

        with _bytes_bar("rows") as tell:
            found = manifest_stats(manifest, tell)
        opened = None
        if pictures:
            with _bytes_bar("pictures") as tell:
                opened = picture_stats(manifest, open_picture, tell)
        if as_json:
            told = asdict(found) | ({"pictures": asdict(opened)} if opened else {})
            typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            _show(found, opened)

    @app.command()
    def index(
        manifest: Annotated[Path, typer.Argument(help="JSON Lines or Parquet.")],
    ) -> None:
        """Copy a manifest into MANIFEST.rows.arrow, where rows are looked up without being held.

        Training does so itself for manifests of more than 64 MiB as JSON Lines, but in silence.
        About 20 s of one core for a million rows.

        Example: liveshelf data index rope.parquet
        """
        from models.manifest_table import table_of, table_path

        with _bytes_bar("rows") as tell:
            rows = table_of(manifest, tell)
        typer.echo(f"rows\t{len(rows)}\t{table_path(manifest)}")

    return app


@contextmanager
def _bytes_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    with count_bar() as bar:
        task = bar.add_task(f"{what}, by bytes of the manifest", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(stats: "Stats", pictures: "PictureStats | None") -> None:
    console = Console()
    rows = Table("split", "page", "video", "live", title="rows")
    for split, found in stats.rows.items():
        rows.add_row(split, *(str(found[domain]) for domain in ("page", "video", "live")))
    console.print(rows)
    without = Table("rows without", "page", "video", "live")
    for what in ("frames", "title", "transcript", "summary", "anything"):
        without.add_row(what, *(str(stats.without[one][what]) for one in ("page", "video", "live")))
    console.print(without)
    texts = Table("texts", "how many", "mean length", "longest")
    for kind, lengths in stats.texts.items():
        mean = lengths.characters / max(1, lengths.texts)
        texts.add_row(kind, str(lengths.texts), f"{mean:.1f}", str(lengths.longest))
    console.print(texts)
    lines = [("products", str(stats.products)), ("rows of no product", str(stats.no_product))]
    lines += [(f"products without {what}", _some(one)) for what, one in stats.lacking.items()]
    lines.append(("products of several pages", _some(stats.several_pages)))
    lines.append(("pictures named", str(stats.frames)))
    lines.append(("of these named before", _some(stats.repeated_frames)))
    if pictures is not None:
        lines.append(("pictures that can be read", str(pictures.readable)))
        lines.append(("pictures that are absent", _some(pictures.absent)))
        lines.append(("files that are no picture", _some(pictures.unreadable)))
        lines.append(("rows left without a picture", str(pictures.emptied)))
    for name, value in lines:
        typer.echo(f"{name}\t{value}")


def _some(some: "Some") -> str:
    more = ", …" if some.count > len(some.names) else ""
    named = f"\t({', '.join(some.names)}{more})" if some.names else ""
    return f"{some.count}{named}"

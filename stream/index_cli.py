"""`liveshelf index`: build, verify, stats, search, tune and bench of the product index."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.errors import InputError, MismatchError, SettingsError
from stream.count_bar import count_bar
from stream.flags import Json, MilvusUri
from stream.index_bench_cli import add_index_bench
from stream.index_tune_cli import add_index_tune
from stream.settings import Settings, with_encoder, with_index

if TYPE_CHECKING:
    from models.encoder import Encoder
    from workers.catalogue import Catalogue, Skipped
    from workers.index import ProductIndex
    from workers.index_build import BuildReport
    from workers.index_schema import Hit

_Encoder = Annotated[
    str | None,
    typer.Option(
        "--encoder", help="Preset, checkpoint folder, or zero-shot:NAME; default: as set."
    ),
]


def index_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands of the index.

    Args:
        settings: called when a command runs, not before.
    """
    app = typer.Typer(
        no_args_is_help=True,
        help="The product index: build it, check it, count it, search it, time it.",
    )

    @app.command()
    def build(
        catalogue: Annotated[Path, typer.Argument(help="JSON Lines or CSV.")],
        uri: MilvusUri = None,
        encoder: _Encoder = None,
        keep: Annotated[
            bool, typer.Option("--keep", help="Keep products that the catalogue does not name.")
        ] = False,
        allow_private: Annotated[
            bool, typer.Option("--allow-private", help="Fetch images from private networks too.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Index a catalogue; products that have not changed are not encoded again.

        Example: liveshelf index build catalogue.jsonl
        """
        found = _with(settings(), uri, encoder)
        _build(found, catalogue, prune=not keep, allow_private=allow_private, as_json=as_json)

    @app.command()
    def verify(uri: MilvusUri = None, encoder: _Encoder = None, as_json: Json = False) -> None:
        """Check the index against the encoder: count, width, fingerprint, search.

        Example: liveshelf index verify --json
        """
        _verify(_with(settings(), uri, encoder), as_json=as_json)

    @app.command()
    def stats(uri: MilvusUri = None, as_json: Json = False) -> None:
        """List what was indexed, and with which encoder.

        Example: liveshelf index stats --json
        """
        _stats(_with(settings(), uri, None), as_json=as_json)

    @app.command()
    def search(
        text: Annotated[str | None, typer.Option(help="Words to look for.")] = None,
        image: Annotated[Path | None, typer.Option(help="A picture to look for.")] = None,
        top_k: Annotated[int, typer.Option(min=1, max=1000, help="Products to list.")] = 5,
        shop: Annotated[str | None, typer.Option(help="Only products of this shop.")] = None,
        uri: MilvusUri = None,
        encoder: _Encoder = None,
        as_json: Json = False,
    ) -> None:
        """Look for products by words, a picture, or both.

        Example: liveshelf index search --text "vanilla oat drink" --top-k 3
        """
        if not (text and text.strip()) and image is None:
            message = "nothing to look for: give --text, --image, or both"
            raise SettingsError(message)
        rows = _search(_with(settings(), uri, encoder), text, image, top_k, shop)
        _show_hits(rows, as_json=as_json)

    add_index_tune(app, settings)
    add_index_bench(app, settings)
    return app


def _with(settings: Settings, uri: str | None, encoder: str | None) -> Settings:
    return with_encoder(with_index(settings, uri), encoder or "")


def _index(settings: Settings) -> "ProductIndex":
    from stream.endpoints import find_index
    from stream.stages.loading import open_index

    return open_index(settings, find_index(settings))


def _encoder(settings: Settings) -> "Encoder":
    from stream.stages.loading import load_encoder

    with Console(stderr=True).status(f"loading encoder {settings.models.encoder}"):
        return load_encoder(settings)


def _build(
    settings: Settings, catalogue: Path, *, prune: bool, allow_private: bool, as_json: bool
) -> None:
    from stream.stages.loading import index_builder
    from workers.catalogue import read_catalogue
    from workers.image_fetch import FetchOptions
    from workers.images import ImageSource
    from workers.index_build import BuildOptions, BuildReport

    read = read_catalogue(catalogue)
    index = _index(settings)
    _encoder(settings)
    source = ImageSource(fetch=FetchOptions(allow_private=allow_private))
    report = BuildReport(len(read.products))
    unread = {item.product_id for item in read.skipped}
    builder = index_builder(settings, index, BuildOptions(prune=prune, source=source))
    with count_bar() as bar:
        task = bar.add_task("indexing", total=report.total)
        for report in builder.build(read.products, read.lines, unread):
            bar.update(task, completed=report.done)
    _show_report(read, report, as_json=as_json)
    if not report.indexed + report.unchanged:
        message = f"no product of {catalogue} could be indexed; see the skipped rows"
        raise InputError(message)


def _show_report(read: "Catalogue", report: "BuildReport", *, as_json: bool) -> None:
    from workers.catalogue import shown

    skipped = sorted([*read.skipped, *report.skipped], key=lambda item: item.line)
    if as_json:
        told = {
            "indexed": report.indexed,
            "unchanged": report.unchanged,
            "removed": report.removed,
            "skipped": [asdict(item) for item in skipped],
            "ignored_fields": list(read.ignored_fields),
            "build_id": report.build_id,
            "fingerprint": report.fingerprint,
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    typer.echo(
        f"{report.indexed} indexed, {report.unchanged} unchanged, {report.removed} removed, "
        f"{len(skipped)} skipped; build {report.build_id[:12]}, encoder {report.fingerprint[:16]}"
    )
    if read.ignored_fields:
        typer.echo(f"ignored fields: {', '.join(map(shown, read.ignored_fields))}")
    if skipped:
        _show_skipped(skipped)


def _show_skipped(skipped: "list[Skipped]") -> None:
    from workers.catalogue import shown

    table = Table("line", "product", "field", "value", "reason", title="skipped rows")
    for item in skipped:
        # What a catalogue says must not be read as colours, links or orders to the terminal.
        cells = (item.product_id, item.field, item.value, item.reason)
        table.add_row(str(item.line or ""), *(escape(shown(cell, 1_000)) for cell in cells))
    Console(stderr=True).print(table)


def _verify(settings: Settings, *, as_json: bool) -> None:
    from workers import index_check

    index = _index(settings)
    current = index.current()
    checks = index_check.verify(index, current, _encoder(settings).fingerprint)
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        table = Table("check", "", "detail")
        for check in checks:
            table.add_row(check.name, "ok" if check.ok else "[red]wrong[/]", escape(check.detail))
        Console().print(table)
    wrong = [check.name for check in checks if not check.ok]
    if wrong:
        message = f"the index failed: {', '.join(wrong)}; run `liveshelf index build CATALOGUE`"
        raise MismatchError(message)


def _stats(settings: Settings, *, as_json: bool) -> None:
    index = _index(settings)
    current = index.current().collection
    rows: list[dict[str, Any]] = [
        {
            "collection": item.collection,
            "current": item.collection == current,
            "products": index.count(item.fingerprint),
            "encoder": item.encoder,
            "fingerprint": item.fingerprint,
            "dim": item.layout.dim,
            "vectors": item.vectors.kind,
            "build_id": item.build_id,
        }
        for item in index.builds()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("collection", "current", "products", "encoder", "numbers", "index", "build")
    for row in rows:
        cells = [row["collection"], "yes" if row["current"] else "", row["products"]]
        cells += [row["encoder"], row["dim"], row["vectors"], row["build_id"][:12]]
        table.add_row(*(escape(str(cell)) for cell in cells))
    Console().print(table)


def _search(
    settings: Settings, text: str | None, image: Path | None, top_k: int, shop: str | None
) -> list[dict[str, Any]]:
    from models.batch import Sample
    from workers import images
    from workers.index_schema import Scope

    frames: tuple[Any, ...] = ()
    if image is not None:
        frames = (images.decode(images.read(str(image), images.ImageSource())),)
    index = _index(settings)
    loaded = _encoder(settings)
    vectors = loaded.encode([Sample("live", frames, text)])
    scopes = [Scope(shop=shop)] if shop is not None else None
    return _ranked(loaded, vectors[0], index.search(loaded.fingerprint, vectors, top_k, scopes)[0])


def _ranked(loaded: "Encoder", vector: Any, hits: "list[Hit]") -> list[dict[str, Any]]:
    found = [(hit, loaded.layout.compare(vector, hit.vector[None])[0]) for hit in hits]
    rows = [
        {"product_id": hit.product_id, "title": hit.title, "score": one.score, "by": one.by}
        for hit, one in found
    ]
    return sorted(rows, key=lambda row: (-float(str(row["score"])), str(row["product_id"])))


def _show_hits(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from workers.catalogue import shown

    table = Table("score", "product", "title", "by")
    for row in rows:
        parts = ", ".join(f"{name} {value:.3f}" for name, value in row["by"].items())
        named = (escape(shown(row["product_id"])), escape(shown(row["title"], most=1_000)))
        table.add_row(f"{row['score']:.3f}", *named, parts)
    Console().print(table)

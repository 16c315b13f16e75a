"""`liveshelf index bench`: the command; what it measures stands in `index_bench.py`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.console import Console
from rich.table import Table

from models.errors import SettingsError
from stream.count_bar import count_bar
from stream.flags import Json, MilvusUri
from stream.settings import Settings, with_index

if TYPE_CHECKING:
    from stream.index_bench import IndexBenchOptions
    from workers.index import ProductIndex
    from workers.index_kinds import Kind
    from workers.milvus import Consistency


def add_index_bench(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add the command `bench`.

    Args:
        app: gets it.
        settings: called when it runs, not before.
    """

    @app.command()
    def bench(
        out: Annotated[Path, typer.Option(help="Folder of report.json and plot.png.")],
        size: Annotated[
            list[int] | None,
            typer.Option(
                min=100,
                help="Products; repeatable; default: 10000, 100000, 1000000.",
                show_default=False,
            ),
        ] = None,
        kind: Annotated[
            list[str] | None,
            typer.Option(
                help="FLAT, HNSW, IVF_FLAT, IVF_SQ8 or IVF_PQ; repeatable; default: all that this "
                "Milvus offers.",
                show_default=False,
            ),
        ] = None,
        dim: Annotated[int, typer.Option(min=2, help="Numbers in a vector.")] = 128,
        batch: Annotated[int, typer.Option(min=1, help="Searches in one call.")] = 32,
        calls: Annotated[int, typer.Option(min=1, help="Calls that are timed for a point.")] = 200,
        top_k: Annotated[int, typer.Option(min=10, help="Products that a search asks for.")] = 50,
        seed: Annotated[int, typer.Option(help="Of the made vectors.")] = 0,
        keep: Annotated[
            bool, typer.Option("--keep", help="Leave what was made in Milvus.")
        ] = False,
        uri: MilvusUri = None,
        as_json: Json = False,
    ) -> None:
        """Draw recall@10 against the p99 of a batch of searches, in ms, for each vector index.

        On made vectors, in collections of their own. A stopped run goes on; sizes and kinds may be
        added. A million products want some 4 GB of memory at the server, and up to an hour.

        Example: liveshelf index bench --size 10000 --size 100000 --out curves
        """
        from stream.index_bench import IndexBenchOptions
        from workers.index_kinds import KINDS

        if unknown := set(kind or ()) - set(KINDS):
            message = f"unknown --kind {min(unknown)!r}; want one of {', '.join(KINDS)}"
            raise SettingsError(message)
        options = IndexBenchOptions(
            sizes=tuple(size) if size else IndexBenchOptions.sizes,
            kinds=cast("tuple[Kind, ...]", tuple(kind or ())),
            dim=dim,
            batch=batch,
            calls=calls,
            top_k=top_k,
            seed=seed,
            keep=keep,
        )
        found = with_index(settings(), uri)
        report = _run(found, options, out)
        if as_json:
            typer.echo(json.dumps(report, indent=2))
        else:
            _show(report)


def _run(settings: Settings, options: "IndexBenchOptions", out: Path) -> dict[str, Any]:
    from stream.endpoints import find_index
    from stream.index_bench import PLOT, Bench
    from workers.index import ProductIndex
    from workers.index_curve import plot
    from workers.milvus import MilvusOptions

    uri = find_index(settings)

    def connect(consistency: "Consistency") -> "ProductIndex":
        # Exact search of a million on a busy machine takes longer than matching waits.
        return ProductIndex(MilvusOptions(uri, settings.index.token, 120.0, consistency))

    with count_bar() as bar:
        task = bar.add_task("")

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        report = Bench(connect, options, out, tell).run()
    (out / PLOT).write_bytes(plot(report))
    return report


def _show(report: dict[str, Any]) -> None:
    table = Table(
        "products", "index", "effort", "consistency", "", "recall@10", "p50 ms", "p99 ms",
        title=f"{report['options']['milvus']}, batches of {report['options']['batch']}",
    )  # fmt: skip
    for size in report["sizes"]:
        for one in size["points"]:
            with_what = ", ".join(
                name
                for name, is_so in (("shop", one["in_shop"]), ("writes", one["writes"]))
                if is_so
            )
            cells = (
                f"{size['count']:,}",
                one["kind"],
                one["effort"],
                one["consistency"],
                with_what,
            )
            figures = (f"{one['recall']:.4f}", f"{one['p50_ms']:.1f}", f"{one['p99_ms']:.1f}")
            table.add_row(*map(str, cells), *figures)
    Console().print(table)

"""`liveshelf bench summarize`: the command; what it measures stands in `bench_summarize.py`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from stream.settings import Settings


def add_bench_summarize(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add the command `summarize`.

    Args:
        app: gets it.
        settings: called when it runs, not before.
    """

    @app.command()
    def summarize(
        out: Annotated[
            Path, typer.Option(help="Folder of report.json, plot.png and what was found so far.")
        ],
        pairs: Annotated[
            list[Path] | None,
            typer.Option(
                help="JSON Lines of `summarizer data`; repeatable; default: the few that ship.",
                show_default=False,
            ),
        ] = None,
        most: Annotated[
            int | None, typer.Option(min=1, help="Windows of pairs at most; default: all.")
        ] = None,
        backend: Annotated[
            list[str] | None,
            typer.Option(
                help="extractive, adapter or untrained; repeatable; default: extractive, and the "
                "model as it runs live.",
                show_default=False,
            ),
        ] = None,
        adapter: Annotated[
            Path | None, typer.Option(help="Folder of an adapter; default: as the settings say.")
        ] = None,
        batch: Annotated[int, typer.Option(min=1, help="Windows that are given at once.")] = 1,
        threads: Annotated[
            int, typer.Option(min=0, help="Threads of torch; 0: as many as there are cores.")
        ] = 0,
        steering: Annotated[
            bool, typer.Option(help="Also try the sets that steer: orders, rivals, made-up brands.")
        ] = True,
        sound_weight: Annotated[
            float, typer.Option(min=0, help="Of the sound-alike search against the vector's.")
        ] = 2.0,
    ) -> None:
        """Say how right, how honest and how fast each kind of summarizer is.

        Shares with 95 % intervals, seconds a window, tokens a second. A stopped run goes on. On one
        core about .6 s a window by the adapter, 1 s (cart) to 4 s (writing) untrained.

        Example: liveshelf bench summarize --backend adapter --most 50 --out summed
        """
        from stream.bench_summarize import BenchSummarizeOptions, bench_summarize
        from stream.bench_summarize_table import show
        from workers.summing_up.plot import plot

        options = BenchSummarizeOptions(
            pairs=tuple(pairs or ()),
            most=most,
            back_ends=tuple(backend or ()),
            adapter=adapter,
            batch=batch,
            threads=threads,
            steering=steering,
            sound_weight=sound_weight,
        )
        if not pairs:
            typer.echo("no --pairs: the few windows that ship are read", err=True)
        report = bench_summarize(settings(), options, out)
        (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        (out / "plot.png").write_bytes(plot(report))
        show(report)
        typer.echo(f"report\t{out / 'report.json'}")

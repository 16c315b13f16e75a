"""`liveshelf bench asr`: flags, and a table of the figures that matter."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from stream.flags import Json
from stream.settings import Settings


def add_asr(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `bench asr`.

    Args:
        app: gets the command.
        settings: called when the command runs, not before.
    """

    @app.command()
    def asr(
        out: Annotated[Path, typer.Option(help="Folder for report.json and plot.png.")],
        part: Annotated[
            list[str] | None,
            typer.Option(
                help="speed, wer, slots, nonspeech, hotwords, live or pipeline; repeatable; "
                "default: all."
            ),
        ] = None,
        model: Annotated[
            str, typer.Option(help="base, tiny.en, or a registry or hub name, or a folder.")
        ] = "base",
        hop_ms: Annotated[
            int | None,
            typer.Option(
                min=0, help="Between passes over a growing utterance; 0: none; default: asr.hop_ms."
            ),
        ] = None,
        data: Annotated[
            Path | None, typer.Option(help="Folder with coffee_speech/ (see README).")
        ] = None,
        scripts: Annotated[
            Path | None, typer.Option(help="Folder of `liveshelf rooms scripts`.")
        ] = None,
        limit: Annotated[
            int, typer.Option(min=0, help="Most sounds of a kind and rooms at once; 0: all.")
        ] = 0,
        live_s: Annotated[
            int, typer.Option(min=10, help="Seconds that each room of live and pipeline plays.")
        ] = 120,
        threads: Annotated[
            int, typer.Option(min=0, help="Of the CPU; 0: one a core, four at most.")
        ] = 0,
        as_json: Json = False,
    ) -> None:
        """Measure speech: speed, word errors, slots, invented text, hotwords, delay, rooms held.

        All beside faster-whisper, one file at a time, with the same weights and threads, in the
        same run. Parts without --data or --scripts say what they lack. What was heard is kept in
        OUT, and a stopped run goes on; parts may be measured one after the other. All together take
        hours on two cores.

        Example: liveshelf bench asr --data DIR --scripts scripts --out heard
        """
        from stream.bench_asr import PARTS, BenchAsrOptions, bench_asr
        from stream.choice import one_of

        wanted = {one_of("--part", one, PARTS) for one in part or PARTS}
        options = BenchAsrOptions(
            out=out,
            parts=tuple(one for one in PARTS if one in wanted),
            model=model,
            hop_ms=settings().asr.hop_ms if hop_ms is None else hop_ms,
            data=data,
            scripts=scripts,
            limit=limit,
            live_s=live_s,
            threads=threads,
        )
        report = bench_asr(settings(), options)
        if as_json:
            typer.echo((out / "report.json").read_text(encoding="utf-8"))
        else:
            from workers.listening.headlines import headlines

            table = Table("figure", "value", box=None, pad_edge=False)
            for what, value in headlines(report["parts"]):
                table.add_row(what, value)
            Console().print(table)
            Console(stderr=True).print(f"all figures: {out / 'report.json'}", soft_wrap=True)

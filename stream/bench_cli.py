"""`liveshelf bench`: what this machine and these models do; one command for each thing measured."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from stream.bench_asr_cli import add_asr
from stream.flags import Speed
from stream.settings import Settings


def bench_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands that measure; without one of them, the live path is measured.

    Args:
        settings: called when a command runs, not before.
    """
    from stream.bench_summarize_cli import add_bench_summarize

    app = typer.Typer(invoke_without_command=True)
    add_bench_summarize(app, settings)
    _add_room(app, settings)
    _add_train(app)
    add_asr(app, settings)
    return app


def _add_room(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    @app.callback()
    def room(
        ctx: typer.Context,
        speed: Speed = 0.0,
        data: Annotated[
            Path | None,
            typer.Option(
                "--data", help="Folder with grocery_store/ and coffee_speech/ (see README)."
            ),
        ] = None,
    ) -> None:
        """Play the sample room and print figures of speed and rightness as JSON (times in seconds).

        With --data also on photos and voices of real people. Example: liveshelf bench --data DIR
        """
        if ctx.invoked_subcommand is not None:
            return
        from stream.bench import bench

        asyncio.run(bench(settings(), speed, data))


def _add_train(app: typer.Typer) -> None:
    @app.command()
    def train() -> None:
        """Print pairs a second of the training loop beside open_clip's on this machine, as JSON.

        Example: liveshelf bench train
        """
        from stream.bench_train import bench_train

        bench_train()

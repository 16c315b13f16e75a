"""`liveshelf evaluate`: of an encoder unless a command is named; thin, the work is in `models`."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from stream.choice import one_of
from stream.count_bar import count_bar
from stream.evaluate_stream_cli import add_stream_command
from stream.flags import Json
from stream.recall_tables import show_evaluation, show_recalls
from stream.settings import Settings
from stream.weights import ready_weights, registry_of, weights_dir

if TYPE_CHECKING:
    from models.encoder import Encoder
    from models.evaluation import EvaluationOptions
    from models.exam import Exam
    from models.manifest import Split


class FirstUnlessNamed(TyperGroup):
    """A group whose first command is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words, with the command named."""
        return super().parse_args(ctx, self.named(args))

    def named(self, words: list[str]) -> list[str]:
        """Return the words with the name of the command before them, if they have none."""
        is_named = not words or words[0] in {*self.commands, "--help"}
        return words if is_named else [next(iter(self.commands)), *words]


def evaluate_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands that judge.

    Args:
        settings: called when a command runs, not before.
    """
    app = typer.Typer(
        cls=FirstUnlessNamed,
        no_args_is_help=True,
        help="Judge an encoder on a manifest, or the whole stream on rooms with truth. Without "
        "the name of a command: encoder; write ./stream for a checkpoint of that name.",
    )
    _add_encoder(app, settings)
    add_stream_command(app, settings)
    return app


def _add_encoder(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    @app.command()
    def encoder(
        checkpoint: Annotated[
            str, typer.Argument(help="Preset, checkpoint folder, or zero-shot:NAME.")
        ],
        manifest: Annotated[
            Path,
            typer.Argument(help="Manifest (JSON Lines, Parquet), or a folder of Grocery."),
        ],
        texts: Annotated[
            list[Path] | None,
            typer.Option(
                "--texts", help="JSON Lines of texts, or of the summarizer's pairs; repeatable."
            ),
        ] = None,
        splits: Annotated[
            list[str] | None,
            typer.Option("--split", help="train, val, test, test-unseen; default: the last two."),
        ] = None,
        most: Annotated[
            int | None, typer.Option(min=1, help="Clips of a split at most; default: all.")
        ] = None,
        page_text: Annotated[
            str, typer.Option(help="What is read of pages: title or none.")
        ] = "title",
        clip_text: Annotated[
            str,
            typer.Option(help="Of clips: any (heard before summaries), transcript, summary, none."),
        ] = "any",
        pages: Annotated[
            str, typer.Option(help="Searched pages: all of the manifest, or those of the split.")
        ] = "all",
        prefix: Annotated[
            list[int] | None,
            typer.Option(min=1, help="First numbers of vectors; repeatable; default: 64 and 32."),
        ] = None,
        draws: Annotated[int, typer.Option(min=1, help="Draws of one-shot supports.")] = 20,
        alike_title: Annotated[
            float,
            typer.Option(min=0, help="Cosine of titles, 0 to 1, of near duplicates; above 1: off."),
        ] = 0.7,
        alike_vector: Annotated[
            float | None,
            typer.Option(min=0, help="Score of near-duplicate pages, 0 to 1; default: unused."),
        ] = None,
        report: Annotated[
            Path | None, typer.Option(help="Folder for report.html, report.md and plots.")
        ] = None,
        threads: Annotated[
            int | None, typer.Option(min=1, help="Of torch; default: as torch chooses.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Say how well pages, short videos and clips find each other, by picture, words and both.

        Example: liveshelf evaluate encoder liveshelf manifest.jsonl --split test --report exam
        """
        from models.directions import PAGE_RANGES
        from models.evaluation import EvaluationOptions
        from models.exam import Exam
        from models.formats.layout import manifest_at
        from models.manifest import SPLITS
        from models.near_duplicates import AlikeOptions
        from models.row_texts import CLIP_TEXTS, PAGE_TEXTS, TextChoice

        wanted = splits or ["test", "test-unseen"]
        asked = [one_of("--split", split, SPLITS) for split in wanted]
        choice = TextChoice(
            one_of("--page-text", page_text, PAGE_TEXTS),
            one_of("--clip-text", clip_text, CLIP_TEXTS),
        )
        searched = one_of("--pages", pages, PAGE_RANGES)
        alike = AlikeOptions(alike_title if alike_title <= 1 else None, alike_vector)
        options = EvaluationOptions(most, searched, tuple(prefix) if prefix else None, draws, alike)
        data = manifest_at(manifest, texts or ())
        loaded = _encoder(settings(), checkpoint, threads)
        with _bar() as tell:
            exam = Exam(loaded, data, tell, choice)
            told = _told(exam, asked, options, report)
        if as_json:
            typer.echo(json.dumps(told, indent=2))
            return
        show_recalls(told["splits"])
        show_evaluation(told["evaluation"])
        for reason in exam.pictures.reasons:
            typer.echo(f"passed over\t{reason}", err=True)
        if report is not None:
            typer.echo(f"report\t{report / 'report.html'}")


def _encoder(settings: Settings, name: str, threads: int | None) -> "Encoder":
    import torch

    from models.checkpoint import pretrained_names
    from models.encoder import load_encoder

    if threads is not None:
        torch.set_num_threads(threads)
    ready_weights(settings, pretrained_names(name))
    cache, device = weights_dir(settings), settings.models.device
    return load_encoder(name, cache, device, registry_of(settings))


def _told(
    exam: "Exam",
    splits: "list[Split]",
    options: "EvaluationOptions",
    folder: Path | None,
) -> dict[str, Any]:
    """Return what JSON says of the splits; splits without clips are left out."""
    from models.evaluation import evaluate
    from models.exam import report

    shown = [split for split in splits if exam.has(split, "live") or exam.has(split, "video")]
    evaluations = {split: evaluate(exam, split, options) for split in shown}
    told: dict[str, Any] = {
        "encoder": exam.encoder.config.name,
        "fingerprint": exam.encoder.fingerprint,
        "splits": report(exam, splits, options.most),
        "evaluation": {split: one.figures for split, one in evaluations.items()},
        "unreadable_pictures": exam.pictures.unreadable,
    }
    if folder is not None:
        from models.exam_report import write_report

        with Console(stderr=True).status("drawing the report"):
            write_report(folder, exam, told, evaluations)
    return told


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    with count_bar() as bar:
        task = bar.add_task("encoding")
        yield lambda done, total: bar.update(task, completed=done, total=total)

"""`liveshelf rooms say`: titles of any catalogue as a host says them and as Whisper hears them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InputError
from stream.count_bar import count_bar
from stream.flags import GrownLines
from stream.settings import Settings

if TYPE_CHECKING:
    from workers.rooms.spoken_titles import TitleSpeaker
    from workers.rooms.voices import Use

_SPLITS: "dict[str, Use]" = {"train": "train", "val": "train", "test": "held-out"}
_FORMS = "Manifest (JSON Lines, Parquet), or a folder of Grocery."


def add_say(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `rooms say`.

    Args:
        app: gets the command.
        settings: called when the command runs, not before.
    """

    @app.command()
    def say(
        manifest: Annotated[Path, typer.Argument(help=_FORMS)],
        out: GrownLines,
        voices: Annotated[Path, typer.Option(help="TOML of voice commands, as for `rooms make`.")],
        split: Annotated[
            str, typer.Option(help="train or val (voices for training), or test (held-out ones).")
        ] = "test",
        times: Annotated[int, typer.Option(min=1, help="Transcripts of each product.")] = 2,
        seed: Annotated[int, typer.Option(help="Of phrases, voices and noise.")] = 1,
    ) -> None:
        """Say the title of every page in a few sentences, and write what Whisper heard.

        For `--texts` of `liveshelf train` and `evaluate`. About 2 s of one core a transcript.

        Example: liveshelf rooms say manifest.jsonl heard.jsonl --voices voices.toml --split test
        """
        if split not in _SPLITS:
            message = f"--split is {split!r}; want one of {', '.join(_SPLITS)}"
            raise InputError(message)
        from workers.rooms.spoken_titles import write_heard

        titles = _titles(manifest)
        speaker = _speaker(settings(), voices, _SPLITS[split], seed)
        with count_bar() as bar:
            task = bar.add_task("titles", total=times * len(titles))
            for done in write_heard(speaker, titles, out, split, times):
                bar.update(task, completed=done)
        typer.echo(f"{len(titles)} titles, {times} times\t{out}")


def _titles(path: Path) -> list[tuple[str, str]]:
    from models.formats.layout import manifest_at

    pages = manifest_at(path).pages
    return sorted({(str(row.product_id), row.title) for row in pages if row.title})


def _speaker(settings: Settings, voices: Path, use: "Use", seed: int) -> "TitleSpeaker":
    from stream.stages.asr import load_speech
    from workers.asr import Transcriber
    from workers.rooms.spoken_titles import TitleOptions, TitleSpeaker
    from workers.rooms.voices import load_voices

    worker = Transcriber(load_speech(settings))
    return TitleSpeaker(load_voices(voices), worker, TitleOptions(seed, use))

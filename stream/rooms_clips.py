"""`liveshelf rooms clips`: pictures of a manifest become live clips with a host's voice."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InputError
from stream.choice import one_of
from stream.count_bar import count_bar

if TYPE_CHECKING:
    from models.manifest import Split


def add_clips(app: typer.Typer) -> None:
    """Add `rooms clips`.

    Args:
        app: gets the command.
    """

    @app.command()
    def clips(
        manifest: Annotated[
            Path,
            typer.Argument(help="Manifest (JSON Lines, Parquet), or a folder of Grocery."),
        ],
        folder: Annotated[Path, typer.Argument(help="Gets manifest.jsonl and sounds/.")],
        voices: Annotated[Path, typer.Option(help="TOML of voice commands, as for `rooms make`.")],
        most: Annotated[
            list[str] | None,
            typer.Option(help="SPLIT=COUNT: speak of so many of a split at most; repeatable."),
        ] = None,
        spoken_only: Annotated[
            list[str] | None,
            typer.Option(help="Split whose clips without voice are left out; repeatable."),
        ] = None,
        seed: Annotated[int, typer.Option(help="Of phrases, voices and which clips.")] = 1,
    ) -> None:
        """Speak 8 to 15 s about each clip's product, as a host who knows its title.

        Splits train and val have voices and phrases of their own, the test splits others. Rows that
        are not spoken of stay as they are. What was spoken is kept, so a stopped run goes on. The
        voice is clean: `data transcribe --noise` adds noise. About 1.4 s of one core a clip.

        Example: liveshelf rooms clips grocery_store/dataset spoken --voices voices.toml
        """
        from models.manifest import SPLITS

        only = {one_of("--spoken-only", split, SPLITS) for split in spoken_only or []}
        _speak(manifest, folder, voices, _most(most or []), only, seed)


def _speak(
    manifest: Path,
    folder: Path,
    voices: Path,
    most: "dict[Split, int]",
    only: "set[Split]",
    seed: int,
) -> None:
    from workers.manifest_rows import folder_of, read_rows, write_rows
    from workers.rooms.spoken_clips import (
        ClipSpeaker,
        ClipSpeechOptions,
        chosen,
        speak_rows,
        titles_of,
    )
    from workers.rooms.voices import load_voices

    rows = list(read_rows(manifest))
    speaker = ClipSpeaker(load_voices(voices), titles_of(rows), ClipSpeechOptions(seed))
    at = sorted(chosen(rows, speaker, most))
    began_s, spoken_s = time.monotonic(), 0.0
    with count_bar() as bar:
        task = bar.add_task("clips", total=len(at))
        spoken = speak_rows(rows, folder_of(manifest), speaker, folder, at)
        for done, (index, row) in enumerate(zip(at, spoken, strict=True), start=1):
            rows[index] = row
            spoken_s += (row.end_ms or 0) / 1_000
            rate = done / (time.monotonic() - began_s)
            bar.update(task, completed=done, description=f"clips, {rate:.1f}/s")
    voiced = set(at)
    kept = [
        row
        for index, row in enumerate(rows)
        if index in voiced or row.domain != "live" or row.split not in only
    ]
    write_rows(folder / "manifest.jsonl", kept, folder_of(manifest))
    typer.echo(f"clips {len(at)}, seconds {spoken_s:.0f}\t{folder / 'manifest.jsonl'}")


def _most(wanted: list[str]) -> "dict[Split, int]":
    from models.manifest import SPLITS

    found: dict[Split, int] = {}
    for one in wanted:
        split, _, count = one.partition("=")
        if not count.isdigit():
            message = f"--most {one}: want SPLIT=COUNT, for instance train=600"
            raise InputError(message)
        found[one_of("--most", split, SPLITS)] = int(count)
    return found

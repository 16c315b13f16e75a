"""`liveshelf evaluate stream`: thin; the work is in `evaluate_stream.py`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stream.choice import Word, one_of
from stream.flags import Encoder, Json
from stream.settings import Settings, with_encoder


def add_stream_command(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `stream`.

    Args:
        app: gets the command.
        settings: called when the command runs, not before.
    """

    @app.command()
    def stream(
        rooms: Annotated[
            list[Path], typer.Argument(help="Folders with room.mp4, cart.json and truth.json.")
        ],
        catalogue: Annotated[Path, typer.Option("--catalogue", help="JSON Lines or CSV.")],
        out: Annotated[
            Path, typer.Option("--out", help="Folder for the report, and for what is recorded.")
        ] = Path("quality"),
        galleries: Annotated[
            list[str] | None,
            typer.Option("--gallery", help="cart or catalogue; repeatable; default: both."),
        ] = None,
        modalities: Annotated[
            list[str] | None,
            typer.Option(
                "--modality", help="both, vision or speech; repeatable; default: all three."
            ),
        ] = None,
        rungs: Annotated[
            list[str] | None,
            typer.Option(
                "--rung",
                help="What every stage leaves out, as under load: full, fewer_frames, larger_hop, "
                "extractive, vision_only, or all; repeatable; default: full. Speech is heard "
                "again where a rung changes it.",
            ),
        ] = None,
        tries: Annotated[
            list[str] | None,
            typer.Option(
                "--try",
                help="Settings of match and tag to judge beside those in force, by commas: "
                "tag.enter=3,tag.enter_of=4; repeatable.",
            ),
        ] = None,
        encoder: Encoder = "",
        as_json: Json = False,
    ) -> None:
        """Judge tags on rooms with truth, by the serving code itself: how right and how soon.

        Segment F1 at 0.5 intersection over union, seconds from a product's first appearance or
        mention to its first right tag at speed 1, false tags an hour, edits of the tag sequence;
        each with a 95 % interval over rooms. A room is decoded, heard, summed up and encoded once
        and kept under OUT/cache; then every variant is replayed from there, and a run that was
        stopped goes on. OUT gets quality.json, quality.md, quality.png, and for each room its tags
        and timeline.png. Recording takes about as long as the room plays, a variant a second.

        Example: liveshelf evaluate stream room-101 room-102 --catalogue catalogue.jsonl
        """
        from stream.evaluate_stream import (
            REPORT,
            StreamOrder,
            difference_lines,
            evaluate_stream,
            stream_table,
        )
        from workers.ladder import RUNGS
        from workers.rooms.variants import GALLERIES, MODALITIES

        chosen = RUNGS if rungs and "all" in rungs else tuple(rungs or ("full",))
        order = StreamOrder(
            rooms=tuple(rooms),
            catalogue=catalogue,
            out=out,
            galleries=_each("--gallery", galleries, GALLERIES),
            modalities=_each("--modality", modalities, MODALITIES),
            rungs=_each("--rung", chosen, RUNGS),
            sets=tuple(dict.fromkeys(_sets(one) for one in tries or ())),
        )
        found = evaluate_stream(with_encoder(settings(), encoder), order)
        if as_json:
            typer.echo((out / REPORT).read_text(encoding="utf-8"))
            return
        Console().print(stream_table(found))
        for line in difference_lines(found):
            typer.echo(line)


def _each(flag: str, given: Sequence[str] | None, known: tuple[Word, ...]) -> tuple[Word, ...]:
    return tuple(dict.fromkeys(one_of(flag, one, known) for one in given)) if given else known


def _sets(given: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in given.split(",") if one.strip())

"""`liveshelf retrain`: thin; the work is in `stream/retrain_run.py` and what it calls."""

import getpass
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from models.errors import SettingsError
from stream.flags import IndexUri, Json, Servers
from stream.retrain_order import RetrainOrder
from stream.retrain_show import show_ledger, show_outcome, tell_encoder
from stream.settings import Settings, with_index, with_kafka

if TYPE_CHECKING:
    from workers.retrain_ledger import Entry, Ledger

_Who = Annotated[str, typer.Option("--who", help="Name for the ledger; default: the user's.")]


def retrain_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands of retraining.

    Args:
        settings: called when a command runs, not before.
    """
    app = typer.Typer(invoke_without_command=True)

    @app.callback()
    def retrain(
        ctx: typer.Context,
        frozen: Annotated[
            Path | None, typer.Option(help="Manifest of the frozen evaluation set.")
        ] = None,
        frozen_texts: Annotated[
            list[Path] | None, typer.Option(help="Lists of texts of --frozen; repeatable.")
        ] = None,
        tags: Annotated[
            list[Path] | None,
            typer.Option(help="Tag events, as `run --tags-out` writes them; repeatable."),
        ] = None,
        corrections: Annotated[
            list[Path] | None,
            typer.Option(help="JSON Lines of what people said about tags; repeatable."),
        ] = None,
        rooms: Annotated[
            Path | None,
            typer.Option(help="Folder of recordings: ROOM.mp4 or ROOM/room.mp4, for the frames."),
        ] = None,
        live: Annotated[
            bool,
            typer.Option(
                "--live", help="Read tags, corrections, frames and catalogue from Kafka too."
            ),
        ] = False,
        catalogue: Annotated[
            Path | None, typer.Option(help="Products with all their pictures, JSON Lines or CSV.")
        ] = None,
        allow_private: Annotated[
            bool, typer.Option("--allow-private", help="Fetch images from private networks too.")
        ] = False,
        base: Annotated[
            Path | None, typer.Option(help="Manifest to learn from as well, such as the first one.")
        ] = None,
        texts: Annotated[
            list[Path] | None, typer.Option(help="Lists of texts of --base; repeatable.")
        ] = None,
        folder: Annotated[
            Path, typer.Option(help="Of this retraining; one that was stopped goes on.")
        ] = Path("retrain"),
        start: Annotated[
            str, typer.Option("--from", help="Checkpoint to go on from; default: as set.")
        ] = "",
        name: Annotated[str, typer.Option(help="Of the new encoder.")] = "liveshelf",
        epochs: Annotated[
            float | None, typer.Option(min=0.01, help="Passes over the clips; default 3.")
        ] = None,
        options: Annotated[
            list[str] | None,
            typer.Option(
                "--option", "-o", help="KEY=VALUE of models/train_options.py; repeatable."
            ),
        ] = None,
        margin: Annotated[
            float,
            typer.Option(
                min=0, max=2, help="Score above its threshold that an unreviewed tag must have."
            ),
        ] = 0.1,
        reviewed: Annotated[
            bool, typer.Option("--reviewed", help="Learn only from what people spoke about.")
        ] = False,
        val_share: Annotated[
            float, typer.Option(min=0, max=1, help="Share of new rooms that are not learnt from.")
        ] = 0.2,
        allow_drop: Annotated[
            float, typer.Option(min=0, max=1, help="How far any figure of the exam may fall.")
        ] = 0.0,
        new_frozen: Annotated[
            bool, typer.Option("--new-frozen", help="The frozen set is meant to be another now.")
        ] = False,
        without_sounds: Annotated[
            bool, typer.Option("--without-sounds", help="Serve although heard names do not count.")
        ] = False,
        who: _Who = "",
        as_json: Json = False,
        kafka: Servers = None,
        index: IndexUri = None,
    ) -> None:
        """Learn from tags and corrections; serve the new encoder only if it is not worse.

        Collects a manifest, trains on from the encoder that serves, examines both on the frozen
        set, embeds the catalogue beside the old one, moves the alias. Goes on after a stop. Exit
        code 1 if the new encoder is refused.

        Example: liveshelf retrain --frozen frozen.jsonl --tags tags.jsonl --corrections said.jsonl
        --rooms recordings --base manifest.jsonl
        """
        if ctx.invoked_subcommand is not None:
            return
        if frozen is None:
            message = "--frozen is missing: the manifest that old and new encoder are examined on"
            raise SettingsError(message)
        order = RetrainOrder(
            folder=folder,
            frozen=frozen,
            frozen_texts=tuple(frozen_texts or ()),
            catalogue=catalogue,
            base=base,
            texts=tuple(texts or ()),
            corrections=tuple(corrections or ()),
            tags=tuple(tags or ()),
            rooms=rooms,
            live=live,
            allow_private=allow_private,
            margin=None if reviewed else margin,
            val_share=val_share,
            options=_train_ahead(options, epochs),
            name=name,
            start=start,
            allow_drop=allow_drop,
            new_frozen=new_frozen,
            without_sounds=without_sounds,
            who=_user(who),
        )
        _retrain(_at(settings(), kafka, index, live=live), order, as_json=as_json)

    @app.command()
    def rollback(who: _Who = "", as_json: Json = False, index: IndexUri = None) -> None:
        """Move the alias back to what served before the last retraining.

        Example: liveshelf retrain rollback
        """
        from stream.retrain_move import roll_back

        found = _at(settings(), None, index)
        entry = roll_back(found, _ledger(found), _now, _user(who))
        if as_json:
            typer.echo(json.dumps(asdict(entry), indent=2))
            return
        since = entry.figures
        typer.echo(
            f"the alias points to {entry.new.collection} again, {since['products']} products; "
            f"{since['added_since']} were added and {since['deleted_since']} deleted since"
        )
        tell_encoder(entry.new.checkpoint)

    @app.command()
    def status(as_json: Json = False, index: IndexUri = None) -> None:
        """List what was moved, refused and rolled back, and what serves now.

        Example: liveshelf retrain status --json
        """
        found = _at(settings(), None, index)
        _status(found, _ledger(found).entries(), as_json=as_json)

    return app


def _at(
    settings: Settings, kafka: str | None, index: str | None, *, live: bool = False
) -> Settings:
    from stream.endpoints import find_kafka

    settings = with_kafka(settings, kafka or None)
    if live:
        settings = with_kafka(settings, find_kafka(settings))
    return with_index(settings, index or None)


def _train_ahead(options: list[str] | None, epochs: float | None) -> tuple[str, ...]:
    """Return the trainer's options, refused now rather than after the collecting."""
    from models.train_options import train_options

    found = [*(options or []), *([f"epochs={epochs}"] if epochs is not None else [])]
    train_options(found)
    return tuple(found)


def _ledger(settings: Settings) -> "Ledger":
    from workers.retrain_ledger import Ledger

    return Ledger(settings.data_dir / "retrain" / "ledger.jsonl")


def _now() -> datetime:
    return datetime.now(UTC)


def _user(given: str) -> str:
    if given:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number that no name belongs to.
        return "unknown"


def _retrain(settings: Settings, order: RetrainOrder, *, as_json: bool) -> None:
    from stream.retrain_run import Retraining

    console = Console(stderr=True)

    def say(line: str) -> None:
        console.print(f"[dim]{escape(line)}[/]", highlight=False, soft_wrap=True)

    outcome = Retraining(settings, order, _ledger(settings), _now, say).run()
    if as_json:
        typer.echo(json.dumps(asdict(outcome), indent=2))
    else:
        show_outcome(outcome)
    raise typer.Exit(0 if outcome.moved else 1)


def _status(settings: Settings, entries: "list[Entry]", *, as_json: bool) -> None:
    from stream.endpoints import find_index
    from stream.stages.loading import open_index

    index = open_index(settings, find_index(settings))
    current = index.current()
    if as_json:
        told = {"current": current.fingerprint, "entries": [asdict(one) for one in entries]}
        typer.echo(json.dumps(told, indent=2))
    else:
        show_ledger(entries, current, index.count(current.fingerprint))

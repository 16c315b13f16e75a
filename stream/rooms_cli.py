"""`liveshelf rooms`: make rooms whose truth is known, and score tags against it."""

import enum
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from models.errors import SettingsError
from stream.flags import Encoder, Json
from stream.rooms_calibrate_cli import add_calibrate
from stream.rooms_clips import add_clips
from stream.rooms_make_cli import add_make
from stream.rooms_say import add_say
from stream.rooms_scripts import add_scripts
from stream.seed_list import seeds_of
from stream.settings import Settings, with_encoder

_Views = Annotated[Path, typer.Option(help="Folder of rendered pictures, and of what voices said.")]


class Device(enum.Enum):
    """Where Blender renders."""

    cpu = "cpu"
    gpu = "gpu"


def rooms_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands of made rooms.

    Args:
        settings: called when a command runs, not before.
    """
    app = typer.Typer(
        no_args_is_help=True,
        help="Rooms made by us, so that their truth is known: make them, score tags, try variants.",
    )
    _add_render(app)
    _add_frames(app)
    add_make(app)
    _add_score(app)
    _add_trial(app, settings)
    _add_fit(app, settings)
    add_calibrate(app, settings)
    add_say(app, settings)
    add_clips(app)
    add_scripts(app)
    return app


def _add_render(app: typer.Typer) -> None:
    @app.command()
    def render(
        python: Annotated[
            Path, typer.Option(help="Python of an environment of its own that has bpy 4.5.")
        ],
        views: _Views,
        catalogue: Annotated[
            Path | None,
            typer.Option(help="Also write catalogue.jsonl and its page images here."),
        ] = None,
        only: Annotated[
            str,
            typer.Option(help="Views of these product ids, or what they begin with; none: all."),
        ] = "",
        view_seed: Annotated[
            str, typer.Option(help="Which views: 0, 1 or 2, several by commas; none: all.")
        ] = "",
        device: Annotated[
            Device, typer.Option(help="gpu: the first that Blender finds, or else the CPU.")
        ] = Device.cpu,
    ) -> None:
        """Render pages, sets and natural views of all products; what is there already is kept.

        Views of seed 0 are for training, of seed 1 for tests and rooms, of seed 2 for rooms that
        thresholds are fitted on. One takes .3 s on two cores, all together half an hour; a run that
        was stopped goes on.

        Example: liveshelf rooms render --python bpy/bin/python --views views
        """
        from stream.rooms_making import render_views
        from workers.rooms.render import RenderOptions

        options = RenderOptions(device=device.value)
        render_views(options, python, views, catalogue, only, seeds_of(view_seed, "--view-seed"))


def _add_frames(app: typer.Typer) -> None:
    @app.command()
    def frames(
        views: _Views,
        out: Annotated[Path, typer.Option(help="Folder for frames, pages and manifest.jsonl.")],
        frames: Annotated[int, typer.Option(min=1, help="Frames of each natural view.")] = 5,
        val_share: Annotated[
            float, typer.Option(min=0, max=0.9, help="Share of training views that become val.")
        ] = 0.1,
        empty_share: Annotated[
            float, typer.Option(min=0, help="Rows without product for each row with one.")
        ] = 0.08,
        seed: Annotated[int, typer.Option(help="Draws background, light and blur.")] = 0,
    ) -> None:
        """Lay rendered views into scenes: frames and a manifest that an encoder is trained from.

        Frames that are there are kept; a run that was stopped goes on.

        Example: liveshelf rooms frames --views views --out frames
        """
        from stream.rooms_making import lay_frames
        from workers.rooms.frames import FrameOptions

        options = FrameOptions(
            frames=frames, val_share=val_share, empty_share=empty_share, seed=seed
        )
        lay_frames(options, views, out)


def _add_score(app: typer.Typer) -> None:
    @app.command()
    def score(
        tags: Annotated[
            Path, typer.Argument(help="Tag events of one room, as `run --tags-out` writes them.")
        ],
        truth: Annotated[Path, typer.Argument(help="The room's truth.json.")],
        timeline: Annotated[
            Path | None, typer.Option("--timeline", help="Write a picture here: PNG, SVG or PDF.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Score tags against the truth of a room; times in seconds, with --json milliseconds.

        Example: liveshelf rooms score tags.jsonl room/truth.json --timeline timeline.png
        """
        from stream.score_table import score_table
        from workers.rooms import scoring
        from workers.rooms.timeline_picture import TimelinePicture, draw_timeline

        events, room = scoring.read_tags(tags), scoring.read_truth(truth)
        scores = scoring.score(events, room)
        if as_json:
            typer.echo(json.dumps(scores.as_json(), indent=2))
        else:
            Console().print(score_table(scores, escape(f"{tags} against {truth}")))
        if timeline is None:
            return
        picture = TimelinePicture(
            heading=events[0].stream_id if events else str(tags),
            truth=room,
            tags=scoring.told(events, room.duration_ms),
            scores=scores,
            titles=scoring.titles_of(events),
            points=scoring.points_of_tags(events),
        )
        draw_timeline(picture, timeline)
        Console(stderr=True).print(f"timeline picture: {timeline}", markup=False, soft_wrap=True)


def _add_trial(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    @app.command()
    def trial(
        rooms: Annotated[
            list[Path], typer.Argument(help="Folders with room.mp4, cart.json and truth.json.")
        ],
        catalogue: Annotated[Path, typer.Option("--catalogue", help="JSON Lines or CSV.")],
        gallery: Annotated[
            str, typer.Option("--gallery", help="What may be found: cart, catalogue, or both.")
        ] = "both",
        out: Annotated[
            Path, typer.Option("--out", help="Folder for tables, tags, timelines, and the cache.")
        ] = Path("trial"),
        encoder: Encoder = "",
        as_json: Json = False,
    ) -> None:
        """Play rooms through the real stages without Kafka and score them, in variants.

        Each step of a room is kept under OUT/cache; a trial that was stopped goes on.

        Example: liveshelf rooms trial room-101 room-102 --catalogue catalogue.jsonl --out trial
        """
        from stream.rooms_trial import run_trial, trial_table
        from workers.rooms.variants import GALLERIES, all_variants

        chosen = [one for one in GALLERIES if gallery in {one, "both"}]
        if not chosen:
            message = f"--gallery {gallery}: want one of {', '.join(GALLERIES)}, both"
            raise SettingsError(message)
        known = with_encoder(settings(), encoder)
        tried = run_trial(known, rooms, catalogue, out, all_variants(chosen))
        if as_json:
            typer.echo((out / "scores.json").read_text(encoding="utf-8"))
        else:
            Console().print(trial_table(tried))


def _add_fit(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    @app.command()
    def fit(
        rooms: Annotated[
            list[Path], typer.Argument(help="Folders with room.mp4, cart.json and truth.json.")
        ],
        catalogue: Annotated[Path, typer.Option("--catalogue", help="JSON Lines or CSV.")],
        encoder: Encoder = "",
        out: Annotated[
            Path, typer.Option("--out", help="Folder of the cache, as of `rooms trial`.")
        ] = Path("trial"),
        write: Annotated[
            bool, typer.Option("--write", help="Put the numbers into the checkpoint.")
        ] = False,
    ) -> None:
        """Fit how much a heard name counts, and from which score on a product is believed.

        Plays the rooms as `rooms trial` does. Rooms that measure later should be others.

        Example: liveshelf rooms fit room-301 room-302 --catalogue catalogue.jsonl --write
        """
        from stream.rooms_fit import fit_rooms

        known = with_encoder(settings(), encoder)
        for gallery, one in fit_rooms(known, rooms, catalogue, out, write=write).items():
            typer.echo(
                f"{gallery}: sound weight {one.weight:g}, threshold {one.threshold:.4f}; mean F1 "
                f"{one.mean_f1:.3f} over {one.rooms} rooms, {one.mean_f1_without_sounds:.3f} "
                "without sounds"
            )
        if write:
            typer.echo("written; run `liveshelf index build CATALOGUE` to use them")

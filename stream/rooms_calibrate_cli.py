"""`liveshelf rooms calibrate`: from which score on a product is believed, at a precision named."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from models.errors import SettingsError
from models.probability import METHODS
from stream.flags import Encoder, Json
from stream.settings import Settings, with_encoder


def add_calibrate(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `rooms calibrate`.

    Args:
        app: gets the command.
        settings: called when the command runs, not before.
    """

    @app.command()
    def calibrate(
        rooms: Annotated[
            list[Path], typer.Argument(help="Folders with room.mp4, cart.json and truth.json.")
        ],
        catalogue: Annotated[Path, typer.Option("--catalogue", help="JSON Lines or CSV.")],
        precision: Annotated[
            float, typer.Option(help="Share of believed clips that should be right, 0 to 1.")
        ] = 0.95,
        encoder: Encoder = "",
        out: Annotated[
            Path,
            typer.Option("--out", help="Folder of the report, and of the cache of `rooms trial`."),
        ] = Path("trial"),
        method: Annotated[
            str, typer.Option(help="Probabilities by platt, isotonic, or the better one: auto.")
        ] = "auto",
        taken_out: Annotated[
            bool,
            typer.Option(
                "--taken-out/--as-played",
                help="Count clips with a product again as if the scope did not hold it.",
            ),
        ] = True,
        one_build: Annotated[
            bool,
            typer.Option("--one-build", help="Serve with an index of this very catalogue alone."),
        ] = False,
        write: Annotated[
            bool, typer.Option("--write", help="Put thresholds and curves into the checkpoint.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Fit a threshold of cart, shop and catalogue each, and turn scores into probabilities.

        Plays the rooms as `rooms trial` does, with the weight of heard names that the checkpoint
        has. Every room is judged by what the others gave. Rooms that measure later should be
        others. Writes calibration.json and calibration.md into OUT.

        Example: liveshelf rooms calibrate room-301 room-302 --catalogue c.jsonl --precision 0.95
        """
        from stream.rooms_calibrate import REPORT, CalibrateOrder, calibrate_rooms, told

        methods = tuple(one for one in METHODS if method in {one, "auto"})
        if not methods:
            message = f"--method {method}: want one of {', '.join(METHODS)}, auto"
            raise SettingsError(message)
        if not 0.0 < precision <= 1.0:
            message = f"--precision {precision:g}: want a share above 0, at most 1"
            raise SettingsError(message)
        order = CalibrateOrder(
            tuple(rooms), catalogue, out, precision, methods, taken_out, one_build, write
        )
        found = calibrate_rooms(with_encoder(settings(), encoder), order)
        if as_json:
            typer.echo((out / REPORT).read_text(encoding="utf-8"))
        else:
            typer.echo("\n".join(told(found)))
        if write and not as_json:
            typer.echo("written; a running index serves on, whose weights of heard names are these")

"""`liveshelf rooms make`: rooms with their truth, one or hours of them."""

import enum
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InputError
from stream.choice import one_of
from stream.seed_list import seeds_of

if TYPE_CHECKING:
    from models.manifest import Split
    from workers.rooms.room_options import RoomOptions
    from workers.rooms.shelf import Shelf
    from workers.rooms.voices import Use as UseName

_SPLITS: "tuple[Split, ...]" = ("test", "val", "train", "test-unseen")


class Use(enum.Enum):
    """What a voice, a phrase or a view may be used for."""

    train = "train"
    held_out = "held-out"


def add_make(app: typer.Typer) -> None:
    """Add `rooms make`.

    Args:
        app: gets the command.
    """

    @app.command()
    def make(
        out: Annotated[
            Path,
            typer.Option(
                help="Folder for room.mp4, cart.json, truth.json; of several seeds, for a folder "
                "room-SEED of each."
            ),
        ],
        voices: Annotated[
            Path, typer.Option(help="TOML of voices; see workers/rooms/voices.example.toml.")
        ],
        views: Annotated[
            Path | None,
            typer.Option(
                help="Folder of rendered pictures, and of what voices said; not needed with "
                "--photos, what was said is then kept in OUT."
            ),
        ] = None,
        seed: Annotated[
            str,
            typer.Option(help="One, or several as 201-230 or 1,5; the same makes the same room."),
        ] = "0",
        minutes: Annotated[float, typer.Option(min=0.1, help="About how long it lasts.")] = 3.5,
        cart: Annotated[int, typer.Option(min=1, help="Products in its cart.")] = 20,
        view_seed: Annotated[int, typer.Option(help="Which views it shows; 0: training's.")] = 1,
        use: Annotated[
            Use, typer.Option(help="Voices and phrases: those for training, or held out.")
        ] = Use.held_out,
        sold: Annotated[
            str, typer.Option(help="Product ids for sale, by commas, in order; none: drawn.")
        ] = "",
        hardships: Annotated[
            str,
            typer.Option(
                help="What makes it hard: all, or some by commas of distractors, wrong-word, "
                "comparison, off-topic, near-duplicates, occlusion, bad-light, bad-sound, co-host, "
                "late-cart, rivals."
            ),
        ] = "none",
        nothing_sold: Annotated[
            bool, typer.Option("--nothing-sold", help="Talk only; the cart's goods stand about.")
        ] = False,
        photos: Annotated[
            Path | None,
            typer.Option(
                help="Show these goods: a manifest, Grocery Store's folder dataset, or a folder "
                "with a folder of photos for each product."
            ),
        ] = None,
        split: Annotated[
            str, typer.Option(help="Of a manifest's photos: test, val, train or test-unseen.")
        ] = "test",
        quick: Annotated[
            bool, typer.Option("--quick", help="8 pictures a second, not 12: half the work.")
        ] = False,
        jobs: Annotated[
            int, typer.Option(min=1, help="Rooms made at once, each on a core of its own.")
        ] = 1,
        short: Annotated[bool, typer.Option(help="A few seconds of each, for tests.")] = False,
    ) -> None:
        """Make rooms: say a script, film it, write the cart and the truth, in milliseconds.

        A folder that has truth.json is whole and is left as it is, so a stopped run goes on. Seeds
        201 to 230 measure: they take held-out voices and views only, and `rooms fit` refuses them.

        Example: liveshelf rooms make --seed 101 --out room-101 --voices voices.toml --views views
        """
        from stream.rooms_filming import film_rooms
        from workers.rooms.hardships import hardships_of
        from workers.rooms.room_options import RoomOptions

        named: UseName = "held-out" if use is Use.held_out else "train"
        if views is None and photos is None:
            message = "--views is missing: the folder of `rooms render`, unless there are --photos"
            raise InputError(message)
        plain = RoomOptions(
            voices=voices,
            views=views or out,
            out=out,
            duration_min=minutes,
            cart_size=cart,
            view_seed=view_seed,
            use=named,
            sold=tuple(filter(None, (one.strip() for one in sold.split(",")))),
            short=short,
            hardships=hardships_of(hardships),
            nothing_sold=nothing_sold,
            quick=quick,
        )
        shelf = _shelf(photos, one_of("--split", split, _SPLITS), named)
        film_rooms(_each(plain, seed), shelf, jobs)


def _each(plain: "RoomOptions", seed: str) -> "list[RoomOptions]":
    """One seed goes into the folder itself, several go into folders in it."""
    seeds = seeds_of(seed) or (plain.seed,)
    if len(seeds) == 1:
        return [replace(plain, seed=seeds[0])]
    return [replace(plain, seed=one, out=plain.out / f"room-{one}") for one in seeds]


def _shelf(photos: Path | None, split: "Split", use: "UseName") -> "Shelf | None":
    if photos is None:
        return None
    from workers.rooms.photo_goods import photo_goods
    from workers.rooms.photo_shelf import PhotoShelf

    return PhotoShelf(photo_goods(photos, split), use)

"""The offline tool's command line: `python -m workers.rooms render`, then `make`."""

import json
import random
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.console import Console

from models.errors import InputError, LiveShelfError
from workers.rooms.film import Camera, FilmOptions, all_shots, film, load_views
from workers.rooms.products import Item, load, pick
from workers.rooms.render import RenderOptions, page_jobs, run_jobs, save_page, view_jobs
from workers.rooms.script import write_script, write_short_script
from workers.rooms.stage import out_of_focus, stage_job
from workers.rooms.timeline import speak
from workers.rooms.voices import CommandVoice, KeptVoice

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
_console = Console(stderr=True)

Views = Annotated[Path, typer.Option(help="Folder of renders; finished pictures are kept.")]
Sold = Annotated[str, typer.Option(help="Product ids or their beginnings, in order, by comma.")]


def named(items: tuple[Item, ...], wanted: str) -> tuple[Item, ...]:
    """Return the items whose ids are, or begin with, the names in a comma-separated list.

    Raises:
        InputError: a name fits no product or more than one.
    """
    found: list[str] = []
    for name in filter(None, (part.strip() for part in wanted.split(","))):
        fits = [item.product_id for item in items if item.product_id.startswith(name)]
        if len(fits) != 1 and name not in fits:
            message = f"{name!r} fits {len(fits)} products; give more of the product id"
            raise InputError(message)
        found.append(name if name in fits else fits[0])
    return pick(items, tuple(found))


@app.command()
def render(
    python: Annotated[Path, typer.Option(help="Python of an environment that has bpy 4.5.")],
    views: Views,
    catalogue: Annotated[Path | None, typer.Option(help="Write catalogue and pages here.")] = None,
    sold: Sold = "",
    count: Annotated[int, typer.Option(help="Natural views of each product in --sold.")] = 9,
    seed: int = 0,
) -> None:
    """Render page images, the natural views of the goods to be sold, and the sets."""
    items = load()
    options = RenderOptions(views=count, seed=seed)
    views.mkdir(parents=True, exist_ok=True)
    stages = [views / f"stage-{number}.png" for number in range(3)]
    jobs = [
        *(page_jobs(items, views, options) if catalogue else ()),
        *view_jobs(named(items, sold), views, options),
        *(stage_job(number, out) for number, out in enumerate(stages) if not out.exists()),
    ]
    for line in run_jobs(jobs, python, views):
        _console.print(line)
    if catalogue:
        rows = [item.product().model_dump_json() for item in items]
        for item in items:
            save_page(views / item.product_id / "page.png", catalogue / item.page_image)
        (catalogue / "catalogue.jsonl").write_text("\n".join([*rows, ""]), encoding="utf-8")


@app.command()
def make(
    out: Annotated[Path, typer.Option(help="Folder for room.mp4, cart.json and truth.json.")],
    views: Views,
    voice: Annotated[str, typer.Option(help="Command that speaks; see workers/rooms/voices.py.")],
    sold: Sold = "",
    more: Annotated[str, typer.Option(help="Ids in the cart that are not sold.")] = "",
    seed: int = 0,
    short: Annotated[bool, typer.Option(help="A few seconds of each, for tests.")] = False,
) -> None:
    """Make a room: say a script, film it, write its cart and its truth."""
    items = load()
    goods = named(items, sold) or drawn(items, views, seed)
    cart = [item.product_id for item in (*goods, *named(items, more))]
    # The cart's order must not give the order of the show away.
    random.Random(f"cart/{seed}").shuffle(cart)  # noqa: S311 (not for secrets)
    out.mkdir(parents=True, exist_ok=True)
    speaker = KeptVoice(CommandVoice(tuple(shlex.split(voice))), views / "said")
    script = (write_short_script if short else write_script)(goods, seed)
    sound, rate_hz, timeline = speak(script, speaker, views / "said", seed)
    shop = goods[0].shop
    write_json(out / "cart.json", {"shop": shop, "cart": cart})
    write_json(out / "truth.json", timeline.truth(goods, seed=seed, shop=shop))
    options = FilmOptions(seed=seed, max_kbit_s=190 if short else 300)
    with Image.open(views / f"stage-{seed % 3}.png") as picture:
        stage = out_of_focus(picture)
    pictures = {item.product_id: load_views(views / item.product_id) for item in goods}
    camera = Camera(stage, all_shots(timeline, pictures, seed), options)
    report(film(camera, timeline, sound, rate_hz, out / "room.mp4", options))


def drawn(items: Iterable[Item], views: Path, seed: int, count: int = 6) -> tuple[Item, ...]:
    """Return goods of one shop, drawn by the seed among those that have natural views.

    Raises:
        InputError: there are fewer than two.
    """
    ready = [item for item in items if any((views / item.product_id).glob("[0-9]*.png"))]
    draw = random.Random(f"sold/{seed}")  # noqa: S311 (not for secrets)
    shops = sorted({item.shop for item in ready})
    shop = draw.choice(shops) if shops else ""
    inside = [item for item in ready if item.shop == shop]
    if len(inside) < 2:
        message = f"{views} has natural views of {len(inside)} products of one shop; 2 are needed"
        raise InputError(message)
    return tuple(draw.sample(inside, min(count, len(inside))))


def write_json(path: Path, value: object) -> None:
    """Write JSON that people can read."""
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def report(shares: Iterable[float]) -> None:
    """Show how far a film has come."""
    for share in shares:
        _console.print(f"filmed {share:.0%}", end="\r")


if __name__ == "__main__":
    try:
        app()
    except LiveShelfError as error:
        _console.print(f"[red]{error}[/red]")
        raise SystemExit(error.exit_code) from error

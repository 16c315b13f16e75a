"""Renders page images and natural views of the catalogue by driving `blender_scene.py`.

In come items and the Python of an environment that has `bpy`; out go PNG files with alpha, one a
view, and page images on white. Files that exist are kept, so a stopped run goes on.
"""

import json
import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from models.errors import InputError, ServiceError
from workers.rooms.compose import contact_shadow
from workers.rooms.labels import draw_label
from workers.rooms.materials import material
from workers.rooms.products import Item
from workers.rooms.shapes import HELD_SHAPES, parts
from workers.rooms.solids import Part, outline

Json = dict[str, Any]

TRAINING_SEED, HELD_OUT_SEED, TUNING_SEED = 0, 1, 2
"""Of the natural views: models learn from the first, rooms and tests show the second, and rooms
that thresholds are fitted on the third."""
VIEW_COUNTS = {TRAINING_SEED: 12, HELD_OUT_SEED: 5, TUNING_SEED: 3}
_LIGHTS = ("studio", "warm", "window", "lamp", "shop", "ring", "evening")
_PAGE_YAW = {
    "box": -24, "carton": -26, "book": -18, "mug": -6, "cube": -28, "game": -16, "soap": -18,
    "bar": -10, "spray": -8, "canister": -10, "towel": -14, "board": -8, "case": -14, "sack": -12,
    "cap": -14,
}  # fmt: skip
_PAGE_ELEVATION = {"bowl": 24, "towel": 20, "soap": 22, "cap": 16, "tin": 16, "tshirt": 2,
                   "tote": 3, "socks": 2, "mitt": 3, "cushion": 5, "case": 4}  # fmt: skip


@dataclass(frozen=True)
class RenderOptions:
    """How pictures are rendered."""

    size_px: int = 256
    """Side of the square picture of a natural view."""
    samples: int = 4
    """Cycles samples a pixel of a natural view before denoising; glass gets twice as many."""
    page_size_px: int = 320
    """Side of the square page picture."""
    page_samples: int = 8
    """Cycles samples a pixel of a page picture."""
    views: int | None = None
    """Natural views of each product; none: `VIEW_COUNTS` of the seed."""
    seed: int = TRAINING_SEED
    """Of the natural views."""
    device: str = "cpu"
    """`cpu`, or `gpu` for the first that Blender finds (the CPU where there is none)."""


def view_name(seed: int, index: int, view: Json) -> str:
    """Return a view's file name; it says whether the product stands or is held."""
    held = "held" if view["pitch"] or view["roll"] else "stands"
    return f"s{seed}-{index:02d}-{held}.png"


def view_count(options: RenderOptions) -> int:
    """Return how many natural views of each product there are to be."""
    return VIEW_COUNTS.get(options.seed, 8) if options.views is None else options.views


def natural_views(item: Item, options: RenderOptions) -> list[Json]:
    """Return views as a host would show them: turned, tilted, in changing light.

    Views are drawn one after the other, so that more of them begin with the same ones.
    """
    draw = random.Random(f"{options.seed}/{item.product_id}")  # noqa: S311 (not for secrets)
    yaws = [0, -28, 24, -12, 40, 10, -38, 30, -20, 16, -46, 48]
    if item.shape in HELD_SHAPES:
        # Flat things are shown flat: seen from the side there is nothing of them.
        yaws = [yaw // 2 for yaw in yaws]
    lights = draw.sample(_LIGHTS, len(_LIGHTS))
    views: list[Json] = []
    for index in range(view_count(options)):
        held = index % 3 == 2 or item.shape in HELD_SHAPES
        views.append(
            {
                "yaw": yaws[index % len(yaws)] + draw.uniform(-7, 7),
                "elevation": draw.uniform(2, 24),
                "pitch": draw.uniform(-18, 14) if held else 0,
                "roll": draw.uniform(-18, 18) if held else 0,
                "light": lights[index % len(lights)],
                "light_turn": draw.uniform(-35, 35),
                "lens_mm": draw.choice((45, 55, 70, 85)),
                "strength": draw.uniform(0.9, 1.3),
                "fill": 0.94,
            }
        )
    return views


def page_view(item: Item) -> Json:
    """Return the clean view of the shop's page."""
    yaw, elevation = _PAGE_YAW.get(item.shape, 0), _PAGE_ELEVATION.get(item.shape, 12)
    view: Json = {"yaw": yaw, "elevation": elevation, "pitch": 0, "roll": 0, "light": "studio"}
    return {**view, "lens_mm": 90, "fill": 0.84, "strength": 1.3}


def scene_parts(item: Item, label: Path) -> list[Json]:
    """Return the item's parts with points and materials, as `blender_scene.py` reads them."""
    return [_part(part, material(part, item, label)) for part in parts(item.shape, item.tall)]


def _part(part: Part, made_of: Json) -> Json:
    common: Json = {"material": made_of, "at": part.at, "turn": part.turn}
    if part.path:
        return {"path": part.path, "radius": part.radius, **common}
    if part.sheet:
        cut = {"sheet": part.sheet, "hole": part.hole}
        return {**cut, "thick": part.thick, "radius": part.radius, **common}
    heights = [0.0]
    for low, high in zip(part.rings, part.rings[1:], strict=False):
        run = ((high.z - low.z) ** 2 + (high.y - low.y) ** 2) ** 0.5
        heights.append(heights[-1] + run)
    rings = [[(x, y, ring.z) for x, y in outline(ring)] for ring in part.rings]
    shares = [height / heights[-1] for height in heights]
    return {"rings": rings, "v": shares, "capped": part.capped, **common}


def page_jobs(items: Sequence[Item], folder: Path, options: RenderOptions) -> list[Json]:
    """Return one job for the page picture of each item that has none yet."""
    size = {"size": [options.page_size_px] * 2, "samples": options.page_samples}
    return list(_jobs(items, folder, size, lambda item: [("page.png", page_view(item))]))


def view_jobs(items: Sequence[Item], folder: Path, options: RenderOptions) -> list[Json]:
    """Return the jobs for the natural views that are not there yet."""

    def named(item: Item) -> list[tuple[str, Json]]:
        views = natural_views(item, options)
        return [(view_name(options.seed, index, view), view) for index, view in enumerate(views)]

    size = {"size": [options.size_px] * 2, "samples": options.samples}
    return list(_jobs(items, folder, size, named))


def _samples(item: Item, samples: int) -> int:
    """Light that goes through glass takes more samples to settle."""
    return samples * 2 if item.shape in {"jar", "candle"} else samples


def _jobs(
    items: Sequence[Item],
    folder: Path,
    size: Json,
    views: Callable[[Item], list[tuple[str, Json]]],
) -> Iterator[Json]:
    for item in items:
        place = (folder / item.product_id).resolve()
        place.mkdir(parents=True, exist_ok=True)
        label = place / "label.png"
        wanted = [(name, view) for name, view in views(item) if not (place / name).exists()]
        if wanted and not label.exists():
            draw_label(item).save(label)
        # Beside the label rather than in every job: a thousand jobs are a few megabytes so.
        listed = place / "parts.json"
        if wanted:
            listed.write_text(json.dumps(scene_parts(item, label)), encoding="utf-8")
        for name, view in wanted:
            yield {
                "out": str(place / name),
                "size": size["size"],
                "samples": _samples(item, size["samples"]),
                "parts": str(listed),
                "view": view,
            }


def run_jobs(
    jobs: Sequence[Json], python: Path, folder: Path, device: str = "cpu"
) -> Iterator[str]:
    """Render jobs in one Blender process; yield its line for each picture done.

    Raises:
        ServiceError: Blender could not be started or ended early.
    """
    if not jobs:
        return
    listed = (folder / "jobs.json").resolve()
    listed.write_text(json.dumps(list(jobs)), encoding="utf-8")
    log = folder / "blender.log"
    command = [str(python), "-m", "workers.rooms.blender_scene", str(listed), device]
    above = Path(__file__).parents[2]
    with log.open("w", encoding="utf-8") as errors:
        try:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=above
            )
        except OSError as error:
            message = f"{python} cannot be started: {error}; give the Python that has bpy 4.5"
            raise ServiceError(message) from error
        with process:
            for line in process.stdout or ():
                if line.startswith(("done ", "device ")):
                    yield line.strip()
    if process.returncode != 0:
        message = f"Blender ended with {process.returncode}; see {log}"
        raise ServiceError(message)


def save_page(rendered: Path, out: Path, quality: int = 84, size_px: int = 288) -> None:
    """Lay a rendered page picture on white and save it as WebP.

    Raises:
        InputError: the render is missing.
    """
    if not rendered.exists():
        message = f"{rendered} is missing; render the pages first"
        raise InputError(message)
    out.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(rendered) as picture:
        goods = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "#ffffff")
        white.alpha_composite(contact_shadow(goods, 0.55))
        white.alpha_composite(goods)
        small = white.convert("RGB").resize((size_px, size_px), Image.Resampling.LANCZOS)
        small.save(out, "WEBP", quality=quality, method=6)

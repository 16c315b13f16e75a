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
from workers.rooms.products import Item
from workers.rooms.shapes import Part, outline, parts

Json = dict[str, Any]

_FINISH: dict[str, Json] = {
    "can": {"rough": 0.28, "metal": 0.35, "coat": 0.3},
    "pouch": {"rough": 0.42, "bump": 0.22, "bump_scale": 3.2},
    "tube": {"rough": 0.3, "coat": 0.25},
    "mug": {"rough": 0.16, "coat": 0.6},
    "book": {"rough": 0.5},
}
_PAPER: Json = {"rough": 0.55}


@dataclass(frozen=True)
class RenderOptions:
    """How pictures are rendered."""

    size_px: int = 384
    """Side of the square picture."""
    samples: int = 16
    """Cycles samples a pixel before denoising."""
    views: int = 8
    """Natural views of each product."""
    seed: int = 0
    """Of the natural views."""


def view_name(index: int, view: Json) -> str:
    """Return a view's file name; it says whether the product stands or is held."""
    return f"{index:02d}-{'held' if view['pitch'] or view['roll'] else 'stands'}.png"


def natural_views(item: Item, options: RenderOptions) -> list[Json]:
    """Return views as a host would show them: turned, tilted, in changing light."""
    draw = random.Random(f"{options.seed}/{item.product_id}")  # noqa: S311 (not for secrets)
    views: list[Json] = []
    yaws = [0, -28, 24, -12, 42, 10, -40, 30, -20, 16]
    for index in range(options.views):
        held = index % 3 == 2
        views.append(
            {
                "yaw": yaws[index % len(yaws)] + draw.uniform(-6, 6),
                "elevation": draw.uniform(4, 20),
                "pitch": draw.uniform(-16, 10) if held else 0,
                "roll": draw.uniform(-14, 14) if held else 0,
                "light": ("studio", "warm", "window", "lamp")[index % 4],
                "lens_mm": draw.choice((55, 70, 85)),
                "strength": draw.uniform(0.85, 1.1),
                "fill": 0.94,
            }
        )
    return views


def page_view(item: Item) -> Json:
    """Return the clean view of the shop's page."""
    yaw = {"box": -24, "carton": -26, "book": -18, "mug": -6}.get(item.shape, 0)
    view: Json = {"yaw": yaw, "elevation": 12, "pitch": 0, "roll": 0, "light": "studio"}
    return {**view, "lens_mm": 90, "fill": 0.84, "strength": 1.3}


def scene_parts(item: Item, label: Path) -> list[Json]:
    """Return the item's parts with points and materials, as `blender_scene.py` reads them."""
    return [_part(part, _material(part, item, label)) for part in parts(item.shape)]


def _material(part: Part, item: Item, label: Path) -> Json:
    thick = "transmission" if item.shape in {"jar", "bottle"} else ""
    body: Json = {"color": item.body, "rough": 0.12, "coat": 0.7}
    if thick:
        body["transmission"] = 0.25
    shiny = item.shape in {"jar", "tin"}
    materials: dict[str, Json] = {
        "label": {**_FINISH.get(item.shape, _PAPER), "texture": str(label)},
        "body": body,
        "cap": {"color": item.cap, "rough": 0.3, "metal": 0.75 if shiny else 0.0, "coat": 0.2},
        "metal": {"color": "#d4d6da", "rough": 0.25, "metal": 1.0},
        "paper": {"color": "#f1ebdd" if item.shape == "book" else item.base, "rough": 0.6},
        "glaze": {"color": item.base, "rough": 0.16, "coat": 0.6},
    }
    return materials[part.material]


def _part(part: Part, material: Json) -> Json:
    if part.path:
        return {"path": part.path, "radius": part.radius, "material": material}
    heights = [0.0]
    for low, high in zip(part.rings, part.rings[1:], strict=False):
        run = ((high.z - low.z) ** 2 + (high.y - low.y) ** 2) ** 0.5
        heights.append(heights[-1] + run)
    rings = [[(x, y, ring.z) for x, y in outline(ring)] for ring in part.rings]
    shares = [height / heights[-1] for height in heights]
    return {"rings": rings, "v": shares, "capped": part.capped, "material": material}


def page_jobs(items: Sequence[Item], folder: Path, options: RenderOptions) -> list[Json]:
    """Return one job for the page picture of each item that has none yet."""
    return list(_jobs(items, folder, options, lambda item: [("page.png", page_view(item))]))


def view_jobs(items: Sequence[Item], folder: Path, options: RenderOptions) -> list[Json]:
    """Return the jobs for the natural views that are not there yet."""

    def named(item: Item) -> list[tuple[str, Json]]:
        views = natural_views(item, options)
        return [(view_name(index, view), view) for index, view in enumerate(views)]

    return list(_jobs(items, folder, options, named))


def _jobs(
    items: Sequence[Item],
    folder: Path,
    options: RenderOptions,
    views: Callable[[Item], list[tuple[str, Json]]],
) -> Iterator[Json]:
    for item in items:
        place = folder / item.product_id
        place.mkdir(parents=True, exist_ok=True)
        label = place / "label.png"
        if not label.exists():
            draw_label(item).save(label)
        for name, view in views(item):
            if not (place / name).exists():
                yield {
                    "out": str(place / name),
                    "size": [options.size_px, options.size_px],
                    "samples": options.samples,
                    "parts": scene_parts(item, label),
                    "view": view,
                }


def run_jobs(jobs: Sequence[Json], python: Path, folder: Path) -> Iterator[str]:
    """Render jobs in one Blender process; yield its line for each picture done.

    Raises:
        ServiceError: Blender could not be started or ended early.
    """
    if not jobs:
        return
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(list(jobs)), encoding="utf-8")
    log = folder / "blender.log"
    command = [str(python), str(Path(__file__).with_name("blender_scene.py")), str(listed)]
    with log.open("w", encoding="utf-8") as errors:
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        except OSError as error:
            message = f"{python} cannot be started: {error}; give the Python that has bpy 4.5"
            raise ServiceError(message) from error
        with process:
            for line in process.stdout or ():
                if line.startswith("done "):
                    yield line.strip()
    if process.returncode != 0:
        message = f"Blender ended with {process.returncode}; see {log}"
        raise ServiceError(message)


def save_page(rendered: Path, out: Path, quality: int = 82) -> None:
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
        white.convert("RGB").save(out, "WEBP", quality=quality, method=6)

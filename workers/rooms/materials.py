"""What each part of a product is made of, in the language of `blender_scene.py`."""

from pathlib import Path
from typing import Any

from workers.rooms.lettering import mixed
from workers.rooms.products import Item
from workers.rooms.solids import Part

Json = dict[str, Any]

_CLOTH: Json = {"rough": 0.95, "sheen": 0.4, "bump": 0.22, "bump_scale": 1.7, "weave": 0.2}
_KNIT: Json = {**_CLOTH, "bump": 0.08, "weave": 0.45}
_LABELS: dict[str, Json] = {
    "can": {"rough": 0.28, "metal": 0.35, "coat": 0.3},
    "pouch": {"rough": 0.42, "bump": 0.22, "bump_scale": 3.2},
    "snack": {"rough": 0.26, "metal": 0.15, "coat": 0.2, "bump": 0.5, "bump_scale": 2.6},
    "sack": {"rough": 0.75, "bump": 0.3, "bump_scale": 2.4},
    "bar": {"rough": 0.35, "coat": 0.15, "bump": 0.12, "bump_scale": 4.0},
    "soap": {"rough": 0.6, "bump": 0.1, "bump_scale": 5.0},
    "tube": {"rough": 0.3, "coat": 0.25},
    "mug": {"rough": 0.16, "coat": 0.6},
    "bowl": {"rough": 0.16, "coat": 0.6},
    "flask": {"rough": 0.35, "metal": 0.25, "coat": 0.35},
    "book": {"rough": 0.5},
    "ball": {"rough": 0.5, "bump": 0.06, "bump_scale": 14.0},
    "case": {"rough": 0.4, "coat": 0.2},
    "game": {"rough": 0.35, "coat": 0.15},
    "stick": {"rough": 0.3, "coat": 0.3},
    "tshirt": _CLOTH, "tote": _CLOTH, "cushion": _CLOTH, "mitt": {**_CLOTH, "bump": 0.5},
    "cap": _CLOTH, "beanie": _KNIT,
}  # fmt: skip
_PAPER: Json = {"rough": 0.55}
_METAL_LIDS = frozenset({"jar", "tin"})


def material(part: Part, item: Item, label: Path) -> Json:
    """Return the material of one part of an item.

    Args:
        part: the part; its material's name says what it is.
        item: gives the colours.
        label: the drawn label's file.
    """
    finish = _LABELS.get(item.shape, _PAPER)
    dark = mixed(item.body, "#000000", 0.3)
    shiny = item.shape in _METAL_LIDS
    materials: dict[str, Json] = {
        "label": {**finish, "texture": str(label)},
        "label_plain": {**finish, "color": item.base},
        "body": {"color": item.body, "rough": 0.16, "coat": 0.6},
        "content": {"color": item.body, "rough": 0.35},
        "glass": {"color": "#f4f8f6", "glass": 0.06},
        "cap": {"color": item.cap, "rough": 0.3, "coat": 0.2},
        "lid": {"color": item.cap, "rough": 0.28, "metal": 0.75 if shiny else 0.85, "coat": 0.2},
        "accent": {"color": item.accent, "rough": 0.3, "coat": 0.3},
        "metal": {"color": "#d4d6da", "rough": 0.25, "metal": 1.0},
        "metal_dark": {"color": "#2b2d30", "rough": 0.3, "metal": 0.6},
        "dark": {"color": "#17171a", "rough": 0.15, "coat": 0.5},
        "paper": {"color": "#f1ebdd" if item.shape in {"book", "game"} else item.base,
                  "rough": 0.6},
        "glaze": {"color": item.base, "rough": 0.16, "coat": 0.6},
        "cloth": {**_KNIT, "color": item.body},
        "cloth_dark": {**_KNIT, "color": dark},
        "accent_cloth": {**_KNIT, "color": item.cap},
        "wood": {"color": item.body, "rough": 0.5, "grain": mixed(item.body, "#2a1405", 0.35)},
    }  # fmt: skip
    return materials[part.material]

"""Where a room's goods come from: products, and pictures of them as a camera sees them.

`RenderedShelf` has our own world; `photo_shelf.py` takes anybody's photos.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PIL import Image

from models.errors import InputError
from workers.rooms.products import Item, load
from workers.rooms.shots import View, load_views
from workers.rooms.stage import out_of_focus


class Shelf(Protocol):
    """Goods that rooms are made of."""

    @property
    def items(self) -> Sequence[Item]:
        """Every product, in a fixed order."""

    @property
    def seen(self) -> frozenset[str]:
        """The ids of those that have pictures to show."""

    def views(self, item: Item) -> list[View]:
        """Return the pictures of one of them.

        Raises:
            InputError: there is none.
        """

    def stage(self, seed: int) -> Image.Image:
        """Return the set that a room is filmed on, as a camera sees it.

        Raises:
            InputError: there is none.
        """


class RenderedShelf:
    """The invented catalogue with views rendered of it.

    Args:
        folder: of the views.
        view_seed: which of them.
    """

    def __init__(self, folder: Path, view_seed: int) -> None:
        self._folder, self._view_seed = folder, view_seed
        self.items: Sequence[Item] = load()
        names = folder.glob(f"*/s{view_seed}-*-stands.png")
        self.seen = frozenset(path.parent.name for path in names)

    def views(self, item: Item) -> list[View]:
        """Return the views of one product."""
        return load_views(self._folder / item.product_id, self._view_seed)

    def stage(self, seed: int) -> Image.Image:
        """Return the rendered set that the seed draws."""
        paths = sorted(self._folder.glob("stage-*.png"))
        if not paths:
            message = f"{self._folder} has no stage-*.png; run `liveshelf rooms render` first"
            raise InputError(message)
        with Image.open(paths[seed % len(paths)]) as picture:
            return out_of_focus(picture)

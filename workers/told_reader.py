"""A reader of screens that says what it was told: the double of a real one."""

from collections.abc import Callable, Sequence

from PIL import Image

from workers.read_screen import Line


class ToldReader:
    """Says of every picture what a function says of it.

    Args:
        says: picture → its lines; may raise what a reader may raise.
    """

    model = "told/1"

    def __init__(self, says: Callable[[Image.Image], Sequence[Line]]) -> None:
        self._says = says
        self.pictures: list[Image.Image] = []
        """What it was asked, in order."""

    def read(self, picture: Image.Image) -> Sequence[Line]:
        """Return what is said of the picture."""
        self.pictures.append(picture)
        return self._says(picture)

"""Rows of every domain, with and without what a row may lack."""

from collections.abc import Iterator

from models.manifest_row import Row, Split

_SPLITS: tuple[Split, ...] = ("train", "val", "test")


def made_rows(products: int) -> Iterator[Row]:
    """Yield a page, a video and two clips of each product, one of them without words."""
    for number in range(products):
        name, split = f"p{number}", _SPLITS[number % 3]
        yield Row(name, "page", (f"{name}.jpg",), split, f"Oat — № {number}", category="cartons")
        yield Row(name, "video", (f"{name}-v0.jpg", f"{name}-v1.jpg"), split, transcript="a, b")
        yield Row(name, "live", (f"{name}-l.jpg",), split, stream_id="room", start_ms=0, end_ms=9)
        yield Row(None, "live", (), split, transcript="hello\u2028Maria", summary=None)

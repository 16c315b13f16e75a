"""The titles that a clip is heard with."""

from models.manifest import Row
from workers.room_titles import RoomTitles


def page(product_id: str, title: str | None) -> Row:
    return Row(product_id, "page", ("x.jpg",), "train", title)


def clip(product_id: str | None, room: str | None) -> Row:
    return Row(product_id, "live", (), "train", "a title of its own", stream_id=room)


ROWS = [
    page("oats", "Oat milk"), page("tea", "Tea"), page("pen", None), page("nuts", "Nuts"),
    clip("tea", "r"), clip("oats", "r"), clip("tea", "r"), clip(None, "r"), clip("pen", "s"),
    clip("nuts", None),
]  # fmt: skip


def test_a_room_has_the_titles_of_the_products_that_its_rows_are_of() -> None:
    titles = RoomTitles("room", ROWS)
    assert titles.titles(titles.room_of(clip(None, "r"))) == (("tea", "Tea"), ("oats", "Oat milk"))
    assert titles.titles(titles.room_of(clip("pen", "s"))) == ()
    assert titles.titles(titles.room_of(clip("nuts", None))) == ()


def test_a_catalogue_has_the_titles_of_all_pages_in_order() -> None:
    titles = RoomTitles("catalogue", ROWS)
    found = titles.titles(titles.room_of(clip("tea", "r")))
    assert found == (("oats", "Oat milk"), ("tea", "Tea"), ("nuts", "Nuts"))


def test_without_titles_no_row_is_read() -> None:
    titles = RoomTitles("none", iter(ROWS))
    assert titles.titles(titles.room_of(clip("tea", "r"))) == ()


def test_a_fingerprint_changes_with_the_titles_and_not_with_the_room() -> None:
    titles = RoomTitles("room", [*ROWS, clip("oats", "same"), clip("tea", "other way")])
    other = RoomTitles("room", [page("tea", "Green tea"), clip("tea", "r")])
    assert titles.fingerprint("r") != other.fingerprint("r")
    assert titles.fingerprint("s") == titles.fingerprint("unknown")

"""Rows are looked up when they are asked for, and not before."""

from collections.abc import Iterator, Sequence
from typing import overload

from models.manifest import Row
from models.row_pool import RowPool


class Lookups(Sequence[Row]):
    """Rows that say which of them were looked up."""

    def __init__(self, *rows: Row) -> None:
        self.rows = rows
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        assert isinstance(at, int)
        self.asked.append(at)
        return self.rows[at]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


def test_a_row_is_looked_up_when_it_is_asked_for() -> None:
    live = Lookups(
        *(Row(f"p{at}", "live", (f"{at}.png",), "train", shop="north") for at in range(3))
    )
    pages = Lookups(Row("p0", "page", ("page.png",), "train", title="oat", category="drinks"))
    pool = RowPool((live, "live"), (pages, "live"))
    for at in (2, 0):
        pool.take(0, at, live.rows[at])
    pool.take(1, 0, pages.rows[0])
    assert pool.products == ["p2", "p0", "p0"]
    assert pool.shops == ["north", "north", ""]
    assert pool.categories == ["", "", "drinks"]
    assert len(pool) == 3
    assert live.asked == pages.asked == []
    assert pool[0] is live.rows[2]
    # The page stands in for a clip.
    found = pool[2]
    assert (found.domain, found.frames) == ("live", ("page.png",))
    assert (live.asked, pages.asked) == ([2], [0])

"""What is there and what is missing, against slow loops over the rows."""

from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from models.manifest_columns import DOMAINS
from models.manifest_file import write_manifest
from models.manifest_row import SPLITS, Row
from models.manifest_stats import NAMED, Counting, Stats, manifest_stats

_TEXT = st.none() | st.sampled_from(["oats", "rye bread"])
_ROWS = st.lists(
    st.builds(
        Row,
        product_id=st.sampled_from([None, "a", "b", "c", "d"]),
        domain=st.sampled_from(DOMAINS),
        frames=st.lists(st.sampled_from(["1.jpg", "2.jpg", "3.jpg"])).map(tuple),
        split=st.sampled_from(SPLITS),
        title=_TEXT,
        transcript=_TEXT,
        summary=_TEXT,
    ),
    max_size=12,
)


def counted(rows: list[Row]) -> Stats:
    counting = Counting()
    for row in rows:
        counting.add(row)
    return counting.finish()[0]


@settings(max_examples=40)
@given(_ROWS)
def test_figures_are_those_of_slow_loops(rows: list[Row]) -> None:
    stats = counted(rows)
    for split in {row.split for row in rows}:
        for domain in DOMAINS:
            of = [row for row in rows if (row.split, row.domain) == (split, domain)]
            assert stats.rows[split][domain] == len(of)
    products = {row.product_id for row in rows} - {None}
    assert stats.products == len(products)
    assert stats.no_product == sum(row.product_id is None for row in rows)
    for domain in DOMAINS:
        having = {row.product_id for row in rows if row.domain == domain}
        assert stats.lacking[domain].count == len(products - having)
        of = [row for row in rows if row.domain == domain]
        assert stats.without[domain]["frames"] == sum(not row.frames for row in of)
        assert stats.without[domain]["summary"] == sum(row.summary is None for row in of)
        assert stats.without[domain]["anything"] == sum(
            not (row.frames or row.title or row.transcript or row.summary) for row in of
        )
    titled = {row.product_id for row in rows if row.title}
    assert set(stats.lacking["title"].names) == products - titled
    pages = Counter(row.product_id for row in rows if row.domain == "page")
    several = {name for name in products if pages[name] > 1}
    assert set(stats.several_pages.names) == several
    frames = [name for row in rows for name in row.frames]
    assert stats.frames == len(frames)
    assert stats.repeated_frames.count == len(frames) - len(set(frames))
    said = [row.transcript for row in rows if row.transcript]
    found = stats.texts["transcript"]
    assert (found.texts, found.characters) == (len(said), sum(map(len, said)))
    assert found.longest == max(map(len, said), default=0)


def test_the_first_few_are_named(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    rows = [Row(f"p{at}", "live", (f"{at % 8}.jpg",), "train") for at in range(16)]
    write_manifest(path, [*rows, Row("p0", "page", ("only.jpg",), "train", "a title")])
    told: list[int] = []
    stats = manifest_stats(path, lambda done, _total: told.append(done))
    assert stats.lacking["page"].count == 15
    assert stats.lacking["page"].names == [f"p{at}" for at in range(1, NAMED + 1)]
    assert stats.repeated_frames.count == 8
    assert len(stats.repeated_frames.names) == NAMED
    assert "only.jpg" not in stats.repeated_frames.names
    assert told == [path.stat().st_size]

"""Rows as numbers, against a slow loop."""

from models.manifest_columns import DOMAINS, NO_PRODUCT, Columns, coded
from models.manifest_parquet import batches_of
from models.manifest_row import SPLITS, Row
from tests.models.manifest_rows import made_rows


def test_columns_say_what_the_rows_are_of() -> None:
    rows = list(made_rows(4))
    for columns in (Columns.of(rows), Columns.joined(coded(batch) for batch in batches_of(rows))):
        assert columns.products == ("p0", "p1", "p2", "p3")
        for at, row in enumerate(rows):
            assert DOMAINS[columns.domains[at]] == row.domain
            assert SPLITS[columns.splits[at]] == row.split
            number = columns.product_of[at]
            assert (columns.products[number] if number != NO_PRODUCT else None) == row.product_id
        for domain in DOMAINS:
            of = [at for at, row in enumerate(rows) if row.domain == domain]
            assert columns.where(domain).tolist() == of
            for split in SPLITS:
                both = [at for at in of if rows[at].split == split]
                assert columns.where(domain, split).tolist() == both


def test_a_product_without_page_is_found() -> None:
    rows = list(made_rows(2))
    assert Columns.of(rows).homeless() is None
    assert Columns.of([*rows, Row("lost", "video", (), "train")]).homeless() == "lost"
    assert Columns.of([]).homeless() is None

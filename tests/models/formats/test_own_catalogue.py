"""A catalogue file of one's own, and clips in a folder for each product."""

import json
from pathlib import Path

import pytest

from models.errors import InputError
from models.formats.conversion import LeftOut
from models.formats.own_catalogue import CatalogueOptions, own_catalogue
from models.formats.own_folder import OwnOptions
from models.manifest_row import Row

KEPT = CatalogueOptions(split=OwnOptions(val_share=0.0, test_share=0.0))
CSV = "id,title,images,shop,category\noat,Oat drink,a.jpg|http://b/c.jpg,corner,cartons\nrye,,,,\n"


def rows(source: Path) -> tuple[list[Row], LeftOut]:
    left_out = LeftOut()
    return list(own_catalogue(source, source.parent, KEPT, left_out).rows), left_out


def test_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(CSV)
    lines: list[dict[str, object]] = [
        {
            "product_id": "oat",
            "title": "Oat drink",
            "images": ["a.jpg", "http://b/c.jpg"],
            "shop": "corner",
            "category": "cartons",
            "price": 3,
        },
        {"product_id": "rye"},
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    for name in ("clips/oat/live/a.jpg", "clips/_none/live/t.jpg", "clips/lost/live/a.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    for name in ("c.csv", "c.jsonl"):
        found, left_out = rows(tmp_path / name)
        assert found == [
            Row("oat", "page", ("a.jpg",), "train", "Oat drink", category="cartons", shop="corner"),
            Row(None, "live", ("clips/_none/live/t.jpg",), "train"),
            Row("oat", "live", ("clips/oat/live/a.jpg",), "train"),
        ]
        assert left_out == {
            "pictures that lie on a network": 1,
            "products without title and picture": 1,
            "entries of clips/ that are no product's": 1,
        }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[]", "line 2 should be an object"),
        ("{", "line 2 is not JSON"),
        ('{"product_id": 3}', "line 2: product_id should be text, not 3"),
        ('{"title": "a"}', "line 2: a product needs a product_id"),
        ('{"id": "a", "title": "b"}', "line 2: product_id 'a' is there twice"),
        ('{"id": "b", "images": {}}', "line 2: images should be a list of paths"),
    ],
)
def test_a_wrong_product_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text('{"id": "a", "title": "A"}\n' + line)
    with pytest.raises(InputError, match=reason):
        rows(path)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.csv or \.jsonl"):
        rows(tmp_path / "c.xml")
    with pytest.raises(InputError, match="cannot read"):
        rows(tmp_path / "c.csv")

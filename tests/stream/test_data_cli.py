"""`liveshelf data convert` and `data stats`, on a folder of one's own."""

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from models.errors import InputError
from stream.cli import command_line
from stream.data_cli import data_app
from workers.catalogue import read_catalogue


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(data_app(), [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "oat" / "live").mkdir(parents=True)
    (folder / "oat" / "page.txt").write_text("Oat drink")
    Image.new("RGB", (4, 4)).save(folder / "oat" / "front.png")
    (folder / "oat" / "live" / "a.jpg").write_text("no picture")
    (folder / "empty").mkdir()
    return folder


@pytest.mark.parametrize("name", ["m.jsonl", "m.jsonl.gz", "m.parquet"])
def test_a_folder_becomes_a_manifest_whose_gaps_are_told(
    tmp_path: Path, shop: Path, name: str
) -> None:
    out = tmp_path / name
    told = run("convert", "folder", shop, out, "-o", "test_share=0", "-o", "val_share=1")
    assert told == f"rows\t2\t{out}\nleft out\t1\tproducts without page.txt and picture\n"
    stats = json.loads(run("stats", out, "--pictures", "--json"))
    assert stats["rows"] == {
        "train": {"page": 1, "video": 0, "live": 0},
        "val": {"page": 0, "video": 0, "live": 1},
    }
    assert stats["lacking"]["video"] == {"count": 1, "names": ["oat"]}
    assert stats["pictures"]["readable"] == 1
    assert stats["pictures"]["unreadable"] == {"count": 1, "names": ["shop/oat/live/a.jpg"]}
    shown = run("stats", out, "--pictures")
    for line in (
        "products\t1",
        "products without video\t1\t(oat)",
        "products without page\t0",
        "files that are no picture\t1\t(shop/oat/live/a.jpg)",
        "rows left without a picture\t1",
    ):
        assert line in shown.splitlines()
    assert "pictures" not in json.loads(run("stats", out, "--json"))


def test_pages_of_a_manifest_become_a_catalogue_beside_any_folder(
    tmp_path: Path, shop: Path
) -> None:
    manifest, out = tmp_path / "m.jsonl", tmp_path / "deep" / "down" / "catalogue.jsonl"
    run("convert", "folder", shop, manifest)
    with manifest.open("a", encoding="utf-8") as lines:
        lines.write(
            '{"product_id": "bare", "domain": "page", "frames": ["a.png"], "split": "train"}\n'
        )
    told = run("catalogue", manifest, out)
    assert told == f"products\t1\t{out}\nleft out\t1\tno title\n"
    (product,) = read_catalogue(out).products
    assert (product.product_id, product.title) == ("oat", "Oat drink")
    assert [Path(one).resolve() for one in product.images] == [shop / "oat" / "front.png"]


def test_an_indexed_manifest_has_its_copy_beside_it(tmp_path: Path, shop: Path) -> None:
    out = tmp_path / "m.parquet"
    run("convert", "folder", shop, out)
    assert run("index", out) == f"rows\t2\t{out}.rows.arrow\n"
    assert (tmp_path / "m.parquet.rows.arrow").is_file()


def test_wrong_words_are_named(tmp_path: Path, shop: Path) -> None:
    with pytest.raises(InputError, match="layout is 'shelf'; want one of rope"):
        run("convert", "shelf", shop, tmp_path / "m.jsonl")
    with pytest.raises(InputError, match=r"a manifest ends in one of \.jsonl"):
        run("convert", "folder", shop, tmp_path / "m.csv")
    with pytest.raises(InputError, match=r"cannot read .*absent\.parquet"):
        run("stats", tmp_path / "absent.parquet")


def test_the_command_line_has_the_group() -> None:
    result = CliRunner().invoke(command_line(), ["data", "--help"])
    assert result.exit_code == 0
    assert "convert" in result.output
    assert "stats" in result.output

"""Fashion titles: photo and title stand on different rows, and a tenth is held out for good."""

import zipfile
from pathlib import Path

import pytest

from models.errors import InputError
from models.formats.conversion import LeftOut
from models.formats.fashion import FashionOptions, fashion
from models.manifest_row import Row


def write(folder: Path, products: int = 300) -> Path:
    folder.mkdir()
    lines = [f'{number},"Shoe, {number}",Footwear - Red,Footwear\n' for number in range(products)]
    (folder / "products_0.csv").write_text(
        "product_id,title,attributes,category\n" + "".join(lines)
    )
    with zipfile.ZipFile(folder / "images_0.zip", "w") as archive:
        for number in range(1, products):
            archive.writestr(f"{number}.jpg", f"photo {number}")
        archive.writestr("../outside.jpg", "no")
        archive.writestr("stranger.jpg", "no")
    return folder


def rows(source: Path, folder: Path, options: FashionOptions) -> tuple[list[Row], LeftOut]:
    left_out = LeftOut()
    return list(fashion(source, folder, options, left_out).rows), left_out


def test_the_photo_is_the_page_and_the_title_is_said(tmp_path: Path) -> None:
    out = tmp_path / "out"
    found, left_out = rows(write(tmp_path / "in"), out, FashionOptions())
    assert left_out == {"products without photo, without title or listed twice": 1}
    page, live = found[0], found[1]
    assert page == Row("1", "page", ("photos/1.jpg",), page.split, category="Footwear")
    assert live == Row("1", "live", (), page.split, transcript="Shoe, 1", category="Footwear")
    assert (out / page.frames[0]).read_text() == "photo 1"
    assert len(list((out / "photos").iterdir())) == 299
    assert not (tmp_path / "outside.jpg").exists()


def test_no_row_has_both_photo_and_title(tmp_path: Path) -> None:
    source = write(tmp_path / "in")
    for side in ("page", "live"):
        options = FashionOptions(photo_on="page" if side == "page" else "live")
        found, _ = rows(source, tmp_path / "out", options)
        for row in found:
            assert bool(row.frames) != bool(row.title or row.transcript)
            assert bool(row.frames) == (row.domain == side)


def test_about_a_tenth_is_held_out_and_stays_so(tmp_path: Path) -> None:
    found, _ = rows(write(tmp_path / "in"), tmp_path / "out", FashionOptions())
    split_of = {row.product_id: row.split for row in found}
    assert all(split_of[row.product_id] == row.split for row in found)
    held = [name for name, split in split_of.items() if split == "test"]
    assert 15 <= len(held) <= 45
    more, _ = rows(write(tmp_path / "more", 400), tmp_path / "out", FashionOptions())
    later = {row.product_id: row.split for row in more}
    assert {name: later[name] for name in split_of} == split_of


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"should hold products_\*\.csv and images_\*\.zip"):
        rows(tmp_path, tmp_path, FashionOptions())
    source = write(tmp_path / "in")
    (source / "images_0.zip").write_text("no zip")
    with pytest.raises(InputError, match=r"cannot unpack .*images_0\.zip"):
        rows(source, tmp_path / "out", FashionOptions())
    (source / "products_0.csv").write_text("id,name\n1,a\n")
    with pytest.raises(InputError, match=r"products_0\.csv, line 2: want product_id and title"):
        rows(source, tmp_path / "out", FashionOptions())

"""Rendering: what is asked of Blender, that finished pictures are kept, and what its end means."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from models.errors import InputError, ServiceError
from workers.rooms import world
from workers.rooms.products import load
from workers.rooms.render import (
    HELD_OUT_SEED,
    TRAINING_SEED,
    TUNING_SEED,
    RenderOptions,
    natural_views,
    page_jobs,
    run_jobs,
    save_page,
    view_jobs,
    view_name,
)
from workers.rooms.shapes import HELD_SHAPES
from workers.rooms.stage import stage_job

ITEMS = load()
OPTIONS = RenderOptions(views=4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of renders in which labels are drawn already, so that no font is needed."""
    for item in ITEMS[:3]:
        place = tmp_path / item.product_id
        place.mkdir()
        Image.new("RGB", (8, 8)).save(place / "label.png")
    return tmp_path


def test_more_views_begin_with_the_same_ones_and_another_seed_gives_others() -> None:
    item = ITEMS[0]
    few, many = (natural_views(item, replace(OPTIONS, views=count)) for count in (3, 9))
    assert many[:3] == few
    assert natural_views(item, replace(OPTIONS, seed=1, views=3)) != few


def test_seeds_have_twelve_and_five_views_unless_told_otherwise() -> None:
    counts = {
        seed: len(natural_views(ITEMS[0], RenderOptions(seed=seed)))
        for seed in (TRAINING_SEED, HELD_OUT_SEED, TUNING_SEED)
    }
    assert counts == {TRAINING_SEED: 12, HELD_OUT_SEED: 5, TUNING_SEED: 3}


def test_what_does_not_stand_is_held_in_every_view() -> None:
    for item in ITEMS:
        names = [
            view_name(0, index, view) for index, view in enumerate(natural_views(item, OPTIONS))
        ]
        if item.shape in HELD_SHAPES:
            assert all(name.endswith("-held.png") for name in names)
        else:
            assert names[0] == "s0-00-stands.png"
            assert names[2] == "s0-02-held.png"


def test_pictures_that_exist_are_not_asked_for_again(folder: Path) -> None:
    items = ITEMS[:3]
    jobs = view_jobs(items, folder, OPTIONS)
    assert len(jobs) == 12
    Path(jobs[5]["out"]).touch()
    again = view_jobs(items, folder, OPTIONS)
    assert [job["out"] for job in again] == [job["out"] for at, job in enumerate(jobs) if at != 5]
    assert len(page_jobs(items, folder, OPTIONS)) == 3


def test_job_names_parts_with_points_and_a_material_that_blender_knows(folder: Path) -> None:
    for job in page_jobs(ITEMS[:3], folder, OPTIONS):
        for part in json.loads(Path(job["parts"]).read_text()):
            assert any(part.get(key) for key in ("rings", "path", "sheet"))
            assert {"texture", "color"} & part["material"].keys()


def program(folder: Path, body: str) -> Path:
    """Return an executable that stands in for the Python that has Blender."""
    path = folder / "blender"
    path.write_text(f"#!{sys.executable}\nimport json, sys, pathlib\n{body}\n")
    path.chmod(0o755)
    return path


RENDER = """
jobs = json.loads(pathlib.Path(sys.argv[3]).read_text())
print("device CPU")
for index, job in enumerate(jobs):
    pathlib.Path(job["out"]).write_bytes(b"x")
    print(f"done {index + 1}/{len(jobs)} 0.10 {job['out']}")
"""


def test_whole_world_is_rendered_in_order_of_use_and_then_not_again(folder: Path) -> None:
    python = program(folder, RENDER)
    said = list(world.render_all(ITEMS[:2], folder, python, OPTIONS))
    assert [(one.step, one.total) for one in said if one.done == 0] == [
        ("pages", 2),
        ("sets", 6),
        ("views, seed 0, 4 each", 8),
        ("views, seed 1, 2 each", 4),
        ("views, seed 0, 8 each", 8),
        ("views, seed 1, 5 each", 6),
        ("views, seed 0, 12 each", 8),
        ("views, seed 2, 3 each", 6),
    ]
    assert world.Rendered("pages", 2, 2) in said
    place = folder / ITEMS[0].product_id
    assert len(list(place.glob("s0-*.png"))) == 12
    assert len(list(place.glob("s1-*.png"))) == 5
    again = list(world.render_all(ITEMS[:2], folder, python, OPTIONS))
    assert all(one.total == 0 for one in again)


def test_views_are_rendered_of_the_products_that_are_asked_for(folder: Path) -> None:
    python = program(folder, RENDER)
    list(world.render_all(ITEMS[:2], folder, python, OPTIONS, ITEMS[:1]))
    views = [len(list((folder / item.product_id).glob("s*.png"))) for item in ITEMS[:2]]
    assert views == [20, 0]
    assert all((folder / item.product_id / "page.png").exists() for item in ITEMS[:2])


def test_only_the_views_of_a_seed_are_rendered_on_request(folder: Path) -> None:
    python = program(folder, RENDER)
    list(world.render_all(ITEMS[:1], folder, python, OPTIONS, seeds=(1,)))
    assert len(list(folder.glob("*/s1-*.png"))) == len(list(folder.glob("*/s*.png"))) == 5


def test_blender_that_ends_early_is_told_with_its_log(folder: Path) -> None:
    python = program(folder, "sys.exit(3)")
    with pytest.raises(ServiceError, match=r"ended with 3; see .*blender.log"):
        list(run_jobs(page_jobs(ITEMS[:1], folder, OPTIONS), python, folder))


def test_python_that_is_not_there_says_what_to_give(folder: Path) -> None:
    with pytest.raises(ServiceError, match="give the Python that has bpy"):
        list(run_jobs(page_jobs(ITEMS[:1], folder, OPTIONS), folder / "nothing", folder))


def test_page_is_small_and_on_white(tmp_path: Path) -> None:
    goods = Image.new("RGBA", (320, 320))
    goods.paste("#c02020", (100, 60, 220, 280))
    goods.save(tmp_path / "page.png")
    save_page(tmp_path / "page.png", tmp_path / "images" / "a.webp")
    with Image.open(tmp_path / "images" / "a.webp") as page:
        assert page.size == (288, 288)
        corner, middle = page.getpixel((3, 3)), page.getpixel((144, 144))
    assert isinstance(corner, tuple)
    assert isinstance(middle, tuple)
    assert min(corner) > 250
    assert middle[0] > 150 > middle[1]
    with pytest.raises(InputError, match="is missing; render the pages first"):
        save_page(tmp_path / "none.png", tmp_path / "b.webp")


def test_writing_the_catalogue_removes_pictures_of_what_is_gone(tmp_path: Path) -> None:
    views, out = tmp_path / "views", tmp_path / "demo"
    (out / "images").mkdir(parents=True)
    (out / "images" / "gone.webp").touch()
    for item in ITEMS[:2]:
        (views / item.product_id).mkdir(parents=True)
        Image.new("RGBA", (320, 320), "#3050a0").save(views / item.product_id / "page.png")
    count, _ = world.write_catalogue(ITEMS[:2], views, out)
    assert count == 2
    left = sorted(path.stem for path in (out / "images").iterdir())
    assert left == sorted(item.product_id for item in ITEMS[:2])
    assert len((out / "catalogue.jsonl").read_text().splitlines()) == 2


def test_sets_differ_and_each_comes_out_the_same_twice() -> None:
    sets = [json.dumps(stage_job(seed, Path("a.png"))) for seed in range(world.STAGES)]
    assert len(set(sets)) == world.STAGES
    assert json.dumps(stage_job(0, Path("a.png"))) == sets[0]

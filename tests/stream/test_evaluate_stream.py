"""`liveshelf evaluate stream` as it is typed: help, refusals, one room through the real parts."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.errors import InputError, SettingsError
from stream.evaluate_cli import evaluate_app
from stream.evaluate_stream import StreamOrder, variants_of
from stream.settings import Settings
from tests.conftest import CACHE_DIR
from tests.stream.catalogue_files import catalogue
from tests.stream.test_rooms_cli import made_room
from tests.workers.tiny_stages import MINI
from workers.rooms.scoring import read_tags
from workers.rooms.variants import GALLERIES, MODALITIES

DEMO = Path(__file__).parents[2] / "stream" / "demo"


def stream(*words: str | Path, settings: Settings | None = None) -> Result:
    app = evaluate_app(lambda: settings or Settings())
    wide = {"COLUMNS": "200"}
    return CliRunner(env=wide).invoke(app, ["stream", *(str(word) for word in words)])


def test_help_shows_units_and_an_example() -> None:
    said = stream("--help")
    assert said.exit_code == 0
    assert "Example: liveshelf evaluate stream room-101 room-102 --catalogue" in said.output
    for told in ("seconds from a product", "false tags an hour", "95 % interval"):
        assert told in said.output


def order(**more: object) -> StreamOrder:
    plain = StreamOrder((), Path("c.jsonl"), Path("out"), GALLERIES, MODALITIES)
    return replace(plain, **more)  # type: ignore[arg-type]


def test_every_gallery_and_modality_is_judged_and_lower_rungs_with_both_modalities() -> None:
    names = [one.name for one in variants_of(order(rungs=("full", "larger_hop")))]
    assert names == [
        *("cart-both", "cart-vision", "cart-speech"),
        *("catalogue-both", "catalogue-vision", "catalogue-speech"),
        *("cart-both-larger_hop", "catalogue-both-larger_hop"),
    ]


def test_settings_are_tried_beside_those_in_force() -> None:
    sets = (("tag.enter=3", "tag.enter_of=4"), ("match.threshold=0.6",))
    names = [one.name for one in variants_of(order(galleries=("cart",), sets=sets))]
    assert names[:3] == [
        "cart-both",
        "cart-both-tag.enter=3-tag.enter_of=4",
        "cart-both-match.threshold=0.6",
    ]
    assert len(names) == 9


@pytest.mark.parametrize(
    ("flags", "error", "said"),
    [
        (("--gallery", "shop"), InputError, "--gallery shop: want one of cart, catalogue"),
        (("--modality", "smell"), InputError, "--modality smell: want one of both, vision, speech"),
        (("--rung", "none"), InputError, "--rung none: want one of full, fewer_frames"),
        (("--try", "asr.hop_ms=900"), InputError, "only settings of match and tag are tried"),
        (("--try", "tag.entr=2"), SettingsError, "did you mean tag.enter"),
        (("--try", "tag.enter"), SettingsError, "want GROUP.KEY=VALUE"),
    ],
)
def test_what_cannot_be_judged_is_refused_before_anything_is_decoded(
    flags: tuple[str, ...], error: type[Exception], said: str, tmp_path: Path
) -> None:
    room = made_room(tmp_path / "room")
    found = stream(room, "--catalogue", catalogue(tmp_path), "--out", tmp_path / "out", *flags)
    assert isinstance(found.exception, error)
    assert said in str(found.exception)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_room_is_named(tmp_path: Path) -> None:
    found = stream(tmp_path, "--catalogue", catalogue(tmp_path), "--out", tmp_path / "out")
    assert isinstance(found.exception, InputError)
    assert "is no made room: it has no room.mp4" in str(found.exception)


@pytest.mark.weights
@pytest.mark.milvus
@pytest.mark.slow
def test_a_room_is_recorded_once_and_judged_in_every_variant(tmp_path: Path) -> None:
    room, out = tmp_path / "mini", tmp_path / "out"
    shutil.copytree(MINI, room)
    cart = set(json.loads((room / "cart.json").read_text())["cart"])
    lines = (DEMO / "catalogue.jsonl").read_text().splitlines()
    shop = tmp_path / "catalogue.jsonl"
    kept = [json.loads(line) for line in lines if json.loads(line)["product_id"] in cart]
    for one in kept:
        one["images"] = [str(DEMO / name) for name in one["images"]]
    shop.write_text("".join(f"{json.dumps(one)}\n" for one in kept))
    settings = replace(Settings(), paths=replace(Settings().paths, cache_dir=CACHE_DIR))
    words = (room, "--catalogue", shop, "--out", out, "--gallery", "cart", "--encoder", "liveshelf")
    first = stream(*words, "--json", settings=settings)
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert [one["variant"] for one in told["variants"]] == [
        "cart-both", "cart-vision", "cart-speech",
    ]  # fmt: skip
    assert {one["room"] for one in told["rooms"]} == {"mini"}
    both = told["variants"][0]
    assert both["worked_first_tag_s"]["value"] >= both["first_tag_s"]["value"] >= 0
    assert read_tags(out / "mini" / "cart-both.jsonl")
    for picture in (out / "quality.png", out / "mini" / "timeline.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")
    again = stream(*words, "--try", "tag.enter=3", settings=settings)
    assert again.exit_code == 0, again.output
    assert again.stderr.count("was kept") == 2 + 1 + 3
    assert "cart-both over cart-vision: F1" in again.stdout

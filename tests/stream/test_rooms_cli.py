"""`liveshelf rooms`: what its commands print and refuse."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.errors import InputError, SettingsError
from stream.rooms_cli import rooms_app
from stream.rooms_making import named
from stream.rooms_trial import read_rooms
from stream.settings import Settings
from tests.stream.catalogue_files import catalogue
from workers.events import Tag
from workers.rooms.products import load

TRUTH = {
    "duration_ms": 60_000,
    "products": [
        {"product_id": "p-red", "title": "Apricot jam", "start_ms": 5_000, "end_ms": 25_000},
        {"product_id": "p-green", "title": "Oat milk", "start_ms": 30_000, "end_ms": 50_000},
    ],
    "no_product": [{"start_ms": 0, "end_ms": 5_000}],
}


def rooms(*words: str | Path) -> Result:
    wide = {"COLUMNS": "200"}
    return CliRunner(env=wide).invoke(rooms_app(Settings), [str(word) for word in words])


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(TRUTH))
    return path


@pytest.fixture
def tags(tmp_path: Path) -> Path:
    """One product told right, the other as something else."""
    lines = []
    for product_id, start_ms in (("p-red", 6_000), ("p-blue", 31_000)):
        begun = Tag(
            stream_id="room", tag_id=product_id, status="started", slot=1, product_id=product_id,
            start_ms=start_ms, decided_ms=start_ms + 5_000, score=0.5,
        )  # fmt: skip
        ended = begun.model_copy(update={"status": "ended", "end_ms": start_ms + 19_000})
        lines += [begun.model_dump_json(), ended.model_dump_json()]
    path = tmp_path / "tags.jsonl"
    path.write_text("\n".join(lines))
    return path


def made_room(folder: Path, truth: object = TRUTH) -> Path:
    folder.mkdir(parents=True)
    (folder / "room.mp4").write_bytes(b"no film")
    (folder / "cart.json").write_text('{"cart": ["p-red", "p-green"], "language": "en"}')
    (folder / "truth.json").write_text(json.dumps(truth))
    return folder


@pytest.mark.parametrize(
    "command", ["render", "frames", "make", "score", "trial", "calibrate", "fit", "say"]
)
def test_every_command_shows_how_it_is_used(command: str) -> None:
    said = rooms(command, "--help")
    assert said.exit_code == 0
    assert f"Example: liveshelf rooms {command}" in said.output


def test_score_tells_every_figure(tags: Path, truth: Path) -> None:
    said = rooms("score", tags, truth)
    assert said.exit_code == 0
    assert "0.500 (precision 0.500, recall 0.500)" in said.output
    assert "mean 6.0 s, median 6.0, worst 6.0" in said.output
    assert "1 (60.0 an hour)" in said.output
    assert "mean 1.0 s, median 1.0, worst 1.0; bias +1.0" in said.output
    assert "1 (0.50 a segment)" in said.output


def test_score_is_json_on_demand(tags: Path, truth: Path) -> None:
    found = json.loads(rooms("score", tags, truth, "--json").stdout)
    assert (found["f1"], found["false_tags"], found["edit_distance"]) == (0.5, 1, 1)
    assert found["first_tag"]["mean_ms"] == 6_000


def test_score_draws_the_timeline(tags: Path, truth: Path, tmp_path: Path) -> None:
    picture = tmp_path / "timeline.png"
    said = rooms("score", tags, truth, "--json", "--timeline", picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert str(picture) in said.stderr.replace("\n", "")
    json.loads(said.stdout)


def test_score_of_a_room_in_which_nothing_was_told(truth: Path, tmp_path: Path) -> None:
    silent, picture = tmp_path / "none.jsonl", tmp_path / "none.png"
    silent.write_text("")
    said = rooms("score", silent, truth, "--timeline", picture)
    assert "– (no segment)" in said.output
    assert picture.exists()


def test_score_refuses_what_is_no_tag_file(truth: Path) -> None:
    said = rooms("score", truth, truth)
    assert isinstance(said.exception, InputError)
    assert "line 1 is no tag event" in str(said.exception)


def test_trial_refuses_a_gallery_that_there_is_not(tmp_path: Path) -> None:
    said = rooms("trial", tmp_path, "--catalogue", tmp_path, "--gallery", "shop")
    assert isinstance(said.exception, SettingsError)
    assert "--gallery shop: want one of cart, catalogue, both" in str(said.exception)


def test_rooms_of_a_trial_carry_cart_titles_and_truth(tmp_path: Path) -> None:
    (found,) = read_rooms([made_room(tmp_path / "room-7")], catalogue(tmp_path))
    assert found.room.stream_id == "room-7"
    assert found.room.titles == {"p-red": "apricot jam", "p-green": "oat milk"}
    assert found.room.language == "en"
    assert found.truth.duration_ms == 60_000


def test_a_product_that_comes_into_the_cart_later_is_not_known_before(tmp_path: Path) -> None:
    made = made_room(tmp_path / "room-7")
    later = {"from_ms": 9_000, "cart": ["p-red", "p-green"]}
    cart = {"cart": ["p-red"], "changes": [later], "language": "en"}
    (made / "cart.json").write_text(json.dumps(cart))
    (found,) = read_rooms([made], catalogue(tmp_path))
    (grown,) = found.changes
    assert (found.room.cart, found.room.titles) == (("p-red",), {"p-red": "apricot jam"})
    assert (grown.cart, grown.effective_from_ms) == (("p-red", "p-green"), 9_000)
    assert grown.titles == {"p-red": "apricot jam", "p-green": "oat milk"}
    assert (grown.stream_id, grown.language) == ("room-7", "en")


def test_rooms_that_cannot_be_tried_are_named(tmp_path: Path) -> None:
    products = catalogue(tmp_path)
    one = made_room(tmp_path / "a" / "room")
    with pytest.raises(InputError, match="two rooms are named 'room'"):
        read_rooms([one, made_room(tmp_path / "b" / "room")], products)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty is no made room: it has no room\.mp4"):
        read_rooms([tmp_path / "empty"], products)
    sold = [{"product_id": "p-gold", "start_ms": 0, "end_ms": 9}]
    other = made_room(tmp_path / "other", {"duration_ms": 9, "products": sold})
    with pytest.raises(InputError, match="'p-gold' is sold but not in catalogue"):
        read_rooms([other], products)


def test_a_room_that_is_whole_is_left_as_it_is(tmp_path: Path) -> None:
    room = made_room(tmp_path / "room")
    said = rooms("make", "--out", room, "--voices", "none.toml", "--views", tmp_path)
    assert said.exit_code == 0
    assert "is whole already" in " ".join(said.output.split())


def test_making_a_room_without_voices_says_what_is_missing(tmp_path: Path) -> None:
    words = ("--out", tmp_path / "room", "--voices", tmp_path / "none.toml", "--views", tmp_path)
    said = rooms("make", *words)
    assert isinstance(said.exception, InputError)


def test_products_are_named_by_how_their_ids_begin() -> None:
    items = load()
    first = items[0].product_id
    assert named(items, "") == items
    assert items[0] in named(items, first[:12])
    assert {item.product_id for item in named(items, f" {first}, ")} >= {first}
    with pytest.raises(InputError, match="no product id begins with 'nothing-'"):
        named(items, "nothing-")


@pytest.mark.parametrize(
    ("flags", "said"),
    [(("--method", "oracle"), "platt, isotonic, auto"), (("--precision", "95"), "at most 1")],
)
def test_calibrate_refuses_a_method_or_precision_that_there_is_not(
    tmp_path: Path, flags: tuple[str, str], said: str
) -> None:
    result = rooms("calibrate", tmp_path, "--catalogue", "c.jsonl", *flags)
    assert isinstance(result.exception, SettingsError)
    assert said in str(result.exception)

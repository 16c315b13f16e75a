"""LPR4M's test files: a gallery for each room, and what is right for each clip."""

import json
from pathlib import Path

import pytest

from models.errors import InputError
from models.formats.conversion import LeftOut
from models.formats.lpr4m_rooms import LprTestFiles, room_rows
from models.manifest_row import Row

FILES = LprTestFiles("g.json", "r.json", "asr.txt", "titles.txt", "frames.txt")


def uuid(digit: str) -> str:
    return "-".join(digit * size for size in (8, 4, 4, 4, 12))


ROOM, OTHER = uuid("1"), uuid("2")
A, B, C, D = (uuid(digit) for digit in "abcd")
CLIPS = [f"{ROOM}-0-3000", f"{ROOM}-3000-9000", f"{OTHER}-0-3000", f"{OTHER}-5000-6000"]


def write(folder: Path) -> Path:
    galleries = {ROOM: [f"{A}-0.jpg", f"{A}-1.jpg", B, C], OTHER: [f"{A}-0.jpg", D]}
    right = {CLIPS[0]: [f"{B}.jpg"], CLIPS[1]: [f"{A}-1", B], CLIPS[2]: [C], CLIPS[3]: [D]}
    (folder / "g.json").write_text(json.dumps(galleries))
    (folder / "r.json").write_text(json.dumps(right))
    spoken = f'{CLIPS[0]}\t[{{"text": "红"}}, {{"text": "裙"}}]\n{CLIPS[1]}\tnull\n'
    (folder / "asr.txt").write_text(spoken)
    (folder / "titles.txt").write_text(f"{B}\tred, dress\n")
    host = "https://example.org/frames"
    urls = [f"{host}/{CLIPS[1]}-0003.jpg?x=1", f"{host}/{CLIPS[1]}-0000.jpg", "nothing"]
    (folder / "frames.txt").write_text("\n".join([*urls, ""]))
    return folder


def test_each_room_has_its_gallery_and_its_clips(tmp_path: Path) -> None:
    left_out = LeftOut()
    found = list(room_rows(write(tmp_path), FILES, ("f", "i"), 0, left_out))

    def page(product: str, picture: str, room: str, title: str | None = None) -> Row:
        return Row(product, "page", (f"i/{picture}.jpg",), "test", title, stream_id=room)

    assert found == [
        # A and B are right for one clip, so they are pictures of one product.
        page(A, f"{A}-0", ROOM),
        page(A, B, ROOM, "red, dress"),
        page(C, C, ROOM),
        page(A, f"{A}-0", OTHER),
        page(D, D, OTHER),
        Row(A, "live", (), "test", transcript="红,裙", stream_id=ROOM, start_ms=0, end_ms=3000),
        Row(
            product_id=A,
            domain="live",
            frames=(f"f/{CLIPS[1]}-0000.jpg", f"f/{CLIPS[1]}-0003.jpg"),
            split="test",
            stream_id=ROOM,
            start_ms=3000,
            end_ms=9000,
        ),
    ]
    assert left_out == {
        "gallery pictures that are no main view": 1,
        "lines of frames.txt that name no frame": 1,
        "test clips whose product is not in their room's gallery": 1,
        "test clips without frames and words": 1,
    }


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("g.json", "{", "g.json is not JSON"),
        ("r.json", "[]", "r.json should be an object of lists"),
        ("r.json", json.dumps({"clip": [A]}), "clip 'clip' is not called ROOM-START-END"),
        ("titles.txt", "no tab here", "titles.txt, line 1: want an id, TAB and a text"),
        ("asr.txt", f"{CLIPS[0]}\twords", "clip .*: speech should be a JSON list"),
    ],
)
def test_a_file_of_another_form_is_named(tmp_path: Path, name: str, text: str, reason: str) -> None:
    write(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=reason):
        list(room_rows(tmp_path, FILES, ("f", "i"), 0, LeftOut()))

"""Pictures that tags refer to: from frame events, claim checks and recordings."""

import hashlib
from pathlib import Path

import pytest

from models.errors import InputError
from tests.media_files import Film, make_film
from tests.tiny_vision import image_bytes, picture
from tests.workers.feedback_events import tag
from workers.events import Frame, FrameRef
from workers.evidence import Evidence, film_of, recorded_frames
from workers.feedback import Believed, believed
from workers.media_wire import MediaOptions

JPEG = image_bytes(picture("red"))


def clip(*slots: int) -> Believed:
    return believed([tag(frames=slots)], []).clips[0]


def frame(slot: int, payload: bytes = JPEG, **more: object) -> Frame:
    told = {"stream_id": "monday", "slot": slot, "start_ms": slot * 500, "end_ms": slot * 500 + 500}
    told |= {"watermark_ms": slot * 500 + 500, "at_ms": slot * 500, "choice": "kept"}
    return Frame.model_validate({**told, "payload": payload, **more})


def test_a_wanted_frame_is_kept_under_the_hash_of_what_is_in_it(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "frames", [clip(4, 5)])
    assert evidence.rooms == ["monday"]
    evidence.offer(frame(4))
    evidence.offer(frame(9))
    names, lost = evidence.pictures(clip(4, 5))
    assert names == (f"{hashlib.sha256(JPEG).hexdigest()}.jpeg",)
    assert (tmp_path / "frames" / names[0]).read_bytes() == JPEG
    assert len(list((tmp_path / "frames").iterdir())) == 1
    assert lost == {"the frame is neither on its topic nor recorded": 1}
    evidence.offer(frame(5))
    assert evidence.rooms == []


@pytest.mark.parametrize(
    ("offered", "reason"),
    [
        (frame(4, at_ms=2_250), "of another time"),
        (frame(4, choice="duplicate", payload=b""), "holds no picture"),
        (frame(4, payload=b"\xff\xd8\xff broken"), "cannot be used: the JPEG picture is damaged"),
        (frame(4, payload=b""), "neither bytes nor a place"),
        (frame(4, payload=b"", ref="/none.jpg"), "is no file"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, offered: Frame, reason: str) -> None:
    evidence = Evidence(tmp_path, [clip(4)])
    evidence.offer(offered)
    names, lost = evidence.pictures(clip(4))
    assert names == ()
    assert reason in next(iter(lost))


def test_a_claim_check_is_followed_and_its_hash_held(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(JPEG)
    evidence = Evidence(tmp_path / "frames", [clip(4)])
    evidence.offer(frame(4, payload=b"", ref=str(path), sha256="0" * 64))
    assert "another picture" in next(iter(evidence.pictures(clip(4))[1]))
    digest = hashlib.sha256(JPEG).hexdigest()
    evidence.offer(frame(4, payload=b"", ref=str(path), sha256=digest))
    assert len(evidence.pictures(clip(4))[0]) == 1


def test_a_recording_gives_the_frames_that_ingest_made_of_it(tmp_path: Path) -> None:
    make_film(tmp_path / "monday.mp4", Film(seconds=3, scenes_s=(1.0, 2.0)))
    film = film_of(tmp_path, "monday")
    assert film is not None
    sent = [one for one in recorded_frames(film, "monday", MediaOptions()) if one.payload]
    wanted = tuple(FrameRef(slot=one.slot, at_ms=one.at_ms) for one in sent)
    assert len(wanted) >= 3
    said = Believed("monday", "a", wanted, "", None, "tag", "unreviewed", "", "t", 0)
    evidence = Evidence(tmp_path / "frames", [said])
    for one in recorded_frames(film, "monday", MediaOptions()):
        evidence.offer(one)
    names, lost = evidence.pictures(said)
    assert len(names) == len(wanted)
    assert not lost
    hashes = [hashlib.sha256(one.payload).hexdigest() for one in sent]
    assert [name.partition(".")[0] for name in names] == hashes


def test_a_room_is_a_film_or_a_folder_with_one(tmp_path: Path) -> None:
    (tmp_path / "tuesday").mkdir()
    (tmp_path / "tuesday" / "room.mkv").touch()
    assert film_of(tmp_path, "tuesday") == tmp_path / "tuesday" / "room.mkv"
    assert film_of(tmp_path, "friday") is None


def test_a_broken_recording_is_named(tmp_path: Path) -> None:
    path = tmp_path / "monday.mp4"
    path.write_text("hello")
    with pytest.raises(InputError, match="not audio or video"):
        list(recorded_frames(path, "monday", MediaOptions()))

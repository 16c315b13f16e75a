"""Sources of all kinds → one clock, and bad ones → a reason; by the real decoder in its child."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from models.errors import InputError
from tests.media_files import CODECS, Film, make_film, picture
from workers.events import AudioChunk, Frame
from workers.media import MediaEvent, MediaReport, open_source
from workers.media_source import locate, shown
from workers.media_wire import MediaOptions


def read(path: Path, options: MediaOptions | None = None) -> list[MediaEvent]:
    with open_source(str(path), options) as source:
        return list(source.read("room"))


def audio(events: list[MediaEvent]) -> list[AudioChunk]:
    return [event for event in events if isinstance(event, AudioChunk)]


def frames(events: list[MediaEvent]) -> list[Frame]:
    return [event for event in events if isinstance(event, Frame)]


def report(events: list[MediaEvent]) -> MediaReport:
    final = events[-1]
    assert isinstance(final, MediaReport)
    assert final.is_final
    return final


def loudness(chunk: AudioChunk) -> float:
    samples = np.frombuffer(chunk.payload, dtype="<i2").astype(np.float64)
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


@pytest.mark.parametrize("suffix", CODECS)
def test_every_kind_of_file_comes_out_on_one_clock(suffix: str, tmp_path: Path) -> None:
    path = make_film(tmp_path / f"film{suffix}", Film(seconds=2.6, scenes_s=(1.1,)))
    with open_source(str(path)) as source:
        has_video = CODECS[suffix][0] is not None
        assert source.probe.tracks == (("audio", "video") if has_video else ("audio",))
        assert not source.probe.live
        events = list(source.read("room"))
    chunks = audio(events)
    assert [chunk.slot for chunk in chunks] == [0, 1, 2]
    assert [chunk.last for chunk in chunks] == [False, False, True]
    assert chunks[-1].end_ms == pytest.approx(2_600, abs=60)
    assert all(5_000 < loudness(chunk) < 9_000 for chunk in chunks)
    spectrum = np.abs(np.fft.rfft(np.frombuffer(chunks[1].payload, dtype="<i2")))
    assert int(np.argmax(spectrum)) == 440
    if has_video:
        shots = frames(events)
        assert [shot.slot for shot in shots] == list(range(6))
        assert [shot.choice for shot in shots].count("kept") == 2
        assert shots[-1].last
        assert report(events).counts["frames_seen"] == 65
    assert report(events).status == "ended"


def test_events_of_both_tracks_are_interleaved(tmp_path: Path) -> None:
    events = read(make_film(tmp_path / "film.mp4", Film(seconds=5)))
    latest_ms = 0
    for event in events[:-1]:
        assert isinstance(event, AudioChunk | Frame)
        assert event.end_ms > latest_ms - 2_000
        latest_ms = max(latest_ms, event.end_ms)


def test_kept_pictures_show_their_scenes(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", Film(seconds=2, scenes_s=(1.0,), with_audio=False))
    kept = [shot for shot in frames(read(path)) if shot.choice == "kept"]
    assert [shot.at_ms // 1_000 for shot in kept] == [0, 1]
    for scene, shot in enumerate(kept):
        image = np.asarray(Image.open(io.BytesIO(shot.payload)), dtype=np.float64)
        assert (shot.height_px, shot.width_px) == image.shape[:2]
        assert np.abs(image - picture(scene)).mean() < 12
        assert np.abs(image - picture(1 - scene)).mean() > 40


def test_a_picture_is_made_small_enough_whatever_it_shows(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", Film(seconds=0.5, with_audio=False))
    options = MediaOptions(max_side_px=100, max_frame_bytes=900)
    shot = frames(read(path, options))[0]
    assert 0 < len(shot.payload) <= 900
    assert max(shot.width_px, shot.height_px) <= 100


def test_a_film_shot_upright_stands_upright(tmp_path: Path) -> None:
    lying = make_film(tmp_path / "lying.ts", Film(seconds=0.6, with_audio=False))
    turned = tmp_path / "turned.ts"
    with av.open(str(lying)) as source, av.open(str(turned), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        turn = av.BitStreamFilterContext(
            "h264_metadata=display_orientation=insert:rotate=90", source.streams.video[0], stream
        )
        for packet in source.demux(video=0):
            for part in turn.filter(packet if packet.size else None):
                part.stream = stream
                target.mux(part)
    shot = frames(read(turned))[0]
    assert (shot.width_px, shot.height_px) == (180, 320)
    image = np.asarray(Image.open(io.BytesIO(shot.payload)), dtype=np.float64)
    # The tag of a frame says by how much it must be turned anticlockwise.
    assert np.abs(image - np.rot90(picture(0), 1)).mean() < 12


def test_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    cover = io.BytesIO()
    Image.fromarray(picture(0)).save(cover, "JPEG")
    with av.open(str(make_film(tmp_path / "plain.mp3"))) as song, av.open(str(path), "w") as target:
        sound = target.add_stream_from_template(song.streams.audio[0])
        still = target.add_stream("mjpeg")
        still.width, still.height, still.pix_fmt = 320, 180, "yuvj420p"
        still.disposition = av.stream.Disposition.attached_pic
        for packet in song.demux():
            if packet.dts is not None:
                packet.stream = sound
                target.mux(packet)
        image = av.Packet(cover.getvalue())
        image.stream, image.pts, image.dts = still, 0, 0
        target.mux(image)
    with av.open(str(path)) as made:
        assert len(made.streams.video) == 1
    with open_source(str(path)) as source:
        assert source.probe.tracks == ("audio",)


@pytest.mark.parametrize("track", ["audio", "video"])
def test_a_room_may_lack_a_track(track: str, tmp_path: Path) -> None:
    film = Film(seconds=1.2, with_audio=track == "audio", with_video=track == "video")
    with open_source(str(make_film(tmp_path / "film.mkv", film))) as source:
        assert source.probe.tracks == (track,)
        events = list(source.read("room"))
    assert bool(audio(events)) == (track == "audio")
    assert bool(frames(events)) == (track == "video")


def test_pictures_are_left_alone_where_only_sound_is_wanted(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", Film(seconds=1.5))
    with open_source(str(film), MediaOptions(sound_only=True)) as source:
        assert source.probe.tracks == ("audio",)
        kinds = {type(event) for event in source.read("room")}
    assert kinds == {AudioChunk, MediaReport}


def test_a_truncated_file_gives_what_it_has_and_says_where_it_ends(tmp_path: Path) -> None:
    film = Film(seconds=8, options={"movflags": "faststart"})
    whole = make_film(tmp_path / "whole.mp4", film).read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) // 2])
    events = read(path)
    cut = next(e for e in events if isinstance(e, MediaReport) and e.status == "truncated")
    assert "8.0 s were announced" in cut.reason
    assert f"truncated at {cut.position_ms / 1_000:.1f} s" in cut.reason
    assert 2_000 < cut.position_ms < 7_000
    assert audio(events)[-1].last
    assert frames(events)[-1].last
    assert loudness(audio(events)[0]) > 5_000


def test_damage_in_the_middle_is_reported_and_read_over(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.ts", Film(seconds=6))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = bytes(20_000)
    path.write_bytes(content)
    events = read(path)
    assert report(events).status == "ended"
    assert audio(events)[-1].end_ms == pytest.approx(6_000, abs=100)
    assert sum(chunk.gap_ms for chunk in audio(events)) > 100


def jumping(path: Path, jump_ms: int) -> Path:
    """Write a sound of 4 s whose timestamps jump after 2 s."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for index in range(40):
            samples = np.full((1, 1_600), 1_000, dtype=np.int16)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = 16_000
            for packet in stream.encode(frame):
                packet.pts = packet.dts = round(
                    (20_000 + index * 100 + (jump_ms if index >= 20 else 0))
                    / 1_000 / packet.time_base
                )  # fmt: skip
                container.mux(packet)
    return path


@pytest.mark.parametrize(
    ("jump_ms", "jumps", "end_ms", "gap_ms"),
    [(0, 0, 4_000, 0), (1_500, 0, 5_500, 1_500), (60_000, 1, 4_000, 0)],
)
def test_a_pause_is_filled_and_a_jump_of_the_clock_repaired(
    jump_ms: int, jumps: int, end_ms: int, gap_ms: int, tmp_path: Path
) -> None:
    events = read(jumping(tmp_path / "jump.mkv", jump_ms))
    assert report(events).counts["jumps"] == jumps
    assert audio(events)[-1].end_ms == end_ms
    assert sum(chunk.gap_ms for chunk in audio(events)) == gap_ms


def subtitles_only(path: Path) -> Path:
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nhello\n")
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture(
    params=["text.mp4", "noise.mp4", "empty.mp4", "absent.mp4", "folder", "list.mp4", "script.mp4"]
)
def bad_source(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / request.param
    if request.param == "folder":
        path.mkdir()
    secret = make_film(tmp_path / "secret.wav", Film(seconds=0.5))
    contents = {
        "text.mp4": b"This is no film.\n" * 500,
        "noise.mp4": np.random.default_rng(1).bytes(50_000),
        "empty.mp4": b"",
        "list.mp4": f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode(),
        "script.mp4": b"ffconcat version 1.0\nfile secret.wav\n",
    }
    if request.param in contents:
        path.write_bytes(contents[request.param])
    reasons = {"empty.mp4": "is empty", "absent.mp4": "no such file", "folder": "is a folder"}
    return path, reasons.get(request.param, "cannot be read: ")


def test_what_cannot_be_read_is_refused_in_one_line(bad_source: tuple[Path, str]) -> None:
    path, words = bad_source
    with pytest.raises(InputError) as caught:
        open_source(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_with_neither_sound_nor_pictures_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "titles.mkv"
    with (
        av.open(str(path), "w") as container,
        av.open(str(subtitles_only(tmp_path / "t.srt"))) as s,
    ):
        stream = container.add_stream_from_template(s.streams[0])
        for packet in s.demux():
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    with pytest.raises(InputError, match="neither audio nor video"):
        open_source(str(path))


def test_pictures_over_the_limit_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", Film(seconds=0.4))
    with pytest.raises(InputError, match=r"320 × 180 are over the limit of 1000 pixels"):
        open_source(str(path), MediaOptions(max_pixels=1_000))


def test_an_unknown_scheme_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="scheme srt is not read"):
        locate("srt://host:9000")


def test_a_secret_in_a_url_is_not_shown() -> None:
    assert shown("rtmp://me:pass@host:1935/app?key=1") == "rtmp://host:1935/app"


def test_a_colon_in_a_name_is_no_protocol(tmp_path: Path) -> None:
    path = make_film(tmp_path / "at 12:30.wav", Film(seconds=0.5))
    assert len(audio(read(path))) == 1

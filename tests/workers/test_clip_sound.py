"""Clips are cut out of files as the live path decodes them."""

from pathlib import Path

import numpy as np
import pytest

from models.errors import InputError
from tests.media_files import Film, make_film, tone
from workers.audio_grid import samples_of
from workers.clip_sound import ClipSounds, chunks_of, decoded
from workers.events import AudioChunk
from workers.media import open_source


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", Film(seconds=2.5))


def test_the_sound_is_that_of_the_live_room(film: Path) -> None:
    with open_source(str(film)) as source:
        chunks = [event for event in source.read("room") if isinstance(event, AudioChunk)]
    live = np.concatenate([samples_of(chunk) for chunk in chunks])
    ours = decoded(film)
    # The live room goes on in silence while there are pictures.
    assert len(ours) == pytest.approx(2.5 * 16_000, abs=1_600)
    assert np.array_equal(ours, live[: len(ours)])
    assert not np.any(live[len(ours) :])


def test_clips_of_one_file_are_decoded_once(film: Path, tmp_path: Path) -> None:
    sounds, whole = ClipSounds(), decoded(film)
    first, second = sounds.cut(film, 0, 1_000), sounds.cut(film, 1_000, 2_000)
    assert np.array_equal(np.concatenate((first, second)), whole[:32_000])
    assert np.array_equal(sounds.cut(film, 2_000, 99_000), whole[32_000:])
    assert np.array_equal(sounds.cut(film, None, None), whole)
    assert sounds.files_read == 1
    sounds.cut(make_film(tmp_path / "other.wav", Film(seconds=1)), None, None)
    assert sounds.files_read == 2


def test_what_is_not_there_is_refused_with_the_times(film: Path, tmp_path: Path) -> None:
    sounds = ClipSounds()
    with pytest.raises(InputError, match=r"no sound from 9000 to 10000 ms, it has 2[45]\d\d ms"):
        sounds.cut(film, 9_000, 10_000)
    for _ in range(2):
        with pytest.raises(InputError, match="no such file"):
            sounds.cut(tmp_path / "absent.wav", None, None)
    assert sounds.files_read == 2, "a file that cannot be read is tried once"


def test_a_film_without_sound_and_a_file_of_words_are_refused(tmp_path: Path) -> None:
    silent = make_film(tmp_path / "silent.mp4", Film(seconds=0.5, with_audio=False))
    with pytest.raises(InputError, match=r"silent\.mp4.*no audio"):
        decoded(silent)
    (tmp_path / "words.mp3").write_text("no sound at all " * 50)
    with pytest.raises(InputError, match=r"words\.mp3"):
        decoded(tmp_path / "words.mp3")


@pytest.mark.parametrize("count", [0, 5, 16_000, 32_001, 40_000])
def test_a_clip_as_a_room_has_all_of_its_sound_and_one_end(count: int) -> None:
    sound = tone(3.0, 16_000)[:count]
    chunks = chunks_of(sound, "room")
    assert [chunk.slot for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert all(chunk.start_ms == 1_000 * chunk.slot for chunk in chunks)
    heard = np.concatenate([samples_of(chunk) for chunk in chunks])
    assert np.array_equal(heard, sound[: count // 16 * 16])

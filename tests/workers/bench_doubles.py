"""A bench whose ears, orders and scripts are made up, and whose clock goes when work is done."""

import json
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import av
import numpy as np

from tests.workers.scripted_ears import ToldEars, talk
from workers.audio_grid import RATE_HZ, Samples
from workers.kept_answers import KeptAnswers
from workers.listening.bench import Bench, Material
from workers.rooms.spoken_scripts import LIST, Said, SpokenScript
from workers.utterances import UtteranceOptions

CUTS = UtteranceOptions(min_ms=2_000, max_ms=4_000)


def write_orders(folder: Path, *slots: dict[str, str], seconds: int = 3) -> Path:
    """Write recorded orders, and the noise of a kitchen beside them."""
    (folder / "flac").mkdir(parents=True)
    rows = []
    for number, one in enumerate(slots):
        write_flac(folder / "flac" / f"{number}.flac", talk(seconds, number))
        rows.append({"file": f"{number}.flac", "slots": one})
    (folder / "labels.json").write_text(json.dumps(rows))
    noise = np.random.default_rng(9).integers(-3_000, 3_000, 4 * RATE_HZ).astype(np.int16)
    write_flac(folder / "noise_kitchen.flac", noise)
    return folder


def write_flac(path: Path, samples: Samples) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("flac", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ, frame_size=4_096)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))


def write_scripts(folder: Path, *texts: str, brands: tuple[str, ...] = ("Velmora",)) -> Path:
    """Write spoken scripts, a second of sound for each word."""
    folder.mkdir(parents=True)
    rows = []
    for number, text in enumerate(texts):
        samples = talk(len(text.split()), number)
        with wave.open(str(folder / f"{number}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(samples.tobytes())
        said = (Said(text, 0, 1_000 * len(text.split())),)
        titles = tuple(f"{brand} Oat Milk, 1 l" for brand in brands)
        voice = f"voice {number % 2}"
        rows.append(SpokenScript(f"{number}.wav", voice, len(samples) // 16, said, titles, brands))
    lines = [json.dumps(asdict(row)) + "\n" for row in rows]
    (folder / LIST).write_text("".join(lines))
    return folder


@contextmanager
def made_bench(
    tmp_path: Path, ears: ToldEars, material: Material, cuts: UtteranceOptions = CUTS
) -> Iterator[Bench]:
    with KeptAnswers(tmp_path / "answers.sqlite", {"of": "tests"}) as kept:
        clock = ears.with_guards.clock
        yield Bench(ears, cuts, material, kept, lambda *_: None, clock)

"""Talk without a film: a script becomes sound, and sound becomes what Whisper heard.

segments → voice → music and noise → the ASR stage's own cuts → words
"""

import random
import tempfile
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import BadEventError, InputError
from workers.asr import Transcriber
from workers.audio_grid import RATE_HZ as HEARD_HZ
from workers.audio_grid import Samples as HeardSamples
from workers.clip_sound import chunks_of
from workers.events import Transcript, Word
from workers.rooms.script import Segment
from workers.rooms.sound import SoundOptions, mix
from workers.rooms.speaker import StayingVoice
from workers.rooms.timeline import RATE_HZ, Timeline, VoicedHost, speak
from workers.rooms.voices import KeptVoice, Samples, VoiceSpec, altered
from workers.utterances import UtteranceOptions, Utterances


@dataclass(frozen=True)
class SpeechOptions:
    """How much voices vary."""

    tempo: tuple[float, float] = (0.92, 1.15)
    """Slowest and fastest speech; 1 is the voice's own."""
    semitones: float = 1.5
    """Largest change of pitch, up or down."""


BED_DB = (10.0, 25.0)
"""By how much speech is louder than music or noise under it, from and to, in decibels."""


def say(
    segments: Sequence[Segment],
    voice: VoiceSpec,
    draw: random.Random,
    options: SpeechOptions,
    bed_db: tuple[float, float] = BED_DB,
) -> tuple[Samples, Timeline]:
    """Return the sound of a script, with the music and noise of its segments, and its times.

    Raises:
        ServiceError: the voice failed.
    """
    low, high = options.tempo
    tempo = draw.uniform(low, high)
    semitones = draw.uniform(-1, 1) * options.semitones
    seed = draw.randrange(2**31)
    tool = voice.open()
    guard = closing(tool) if isinstance(tool, StayingVoice) else nullcontext(tool)
    with tempfile.TemporaryDirectory() as folder, guard:
        host = VoicedHost(KeptVoice(tool, Path(folder)), tempo, semitones)
        pieces, timeline = speak(segments, [host], seed)
    mixed = SoundOptions(seed=seed, noise_db=bed_db, music_db=bed_db)
    return mix(pieces, timeline.beds, timeline.duration_ms, mixed), timeline


def talked_over(sound: Samples, talk: Samples, louder_db: float) -> Samples:
    """Return a sound with a second voice under all of it, again from its beginning when it ends.

    Args:
        sound: of the first voice.
        talk: of the second; both of `say`, which makes all speech equally loud.
        louder_db: by how much the first is louder, in decibels.
    """
    under = np.resize(talk, sound.shape) * 10 ** (-louder_db / 20)
    mixed: Samples = np.tanh(sound + under, dtype=np.float32)
    return mixed


def as_heard(sound: Samples) -> HeardSamples:
    """Return a show's sound as a live room delivers it: 16 kHz, 16 bit."""
    samples = altered(sound, RATE_HZ, out_hz=HEARD_HZ)
    return (np.clip(samples, -1, 1) * 32_767).astype(np.int16)


def hear(sound: Samples, worker: Transcriber) -> list[Word]:
    """Return the words of a show's sound, cut and heard as the ASR stage does.

    Raises:
        InputError: Whisper could not read it.
    """
    machine = Utterances("pair", UtteranceOptions(hop_ms=0), lambda *_: "", lambda _: "en")
    jobs = [job for chunk in chunks_of(as_heard(sound), "pair") for job in machine.push(chunk)]
    words: list[Word] = []
    for outcome in worker.process([*jobs, *machine.close()]):
        if isinstance(outcome, BadEventError):
            message = f"a show could not be heard: {outcome}"
            raise InputError(message) from outcome
        words += [
            word for event in outcome if isinstance(event, Transcript) for word in event.words
        ]
    return sorted(words, key=lambda word: (word.start_ms, word.end_ms))

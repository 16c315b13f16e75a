"""Small media files for tests, made by PyAV; sounds and pictures that tell where they are."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE = (320, 180)
"""Width and height of the pictures."""
CODECS = {
    ".mp4": ("libx264", "aac"),
    ".mov": ("libx264", "aac"),
    ".mkv": ("libx264", "flac"),
    ".flv": ("libx264", "aac"),
    ".ts": ("libx264", "aac"),
    ".webm": ("libvpx", "libopus"),
    ".wav": (None, "pcm_s16le"),
    ".flac": (None, "flac"),
    ".mp3": (None, "libmp3lame"),
}
"""Video and audio encoder of each kind of file."""


@dataclass(frozen=True)
class Film:
    """What to put in a file."""

    seconds: float = 3.0
    with_audio: bool = True
    with_video: bool = True
    scenes_s: tuple[float, ...] = ()
    """When another picture begins."""
    rate_hz: int = 44_100
    options: dict[str, str] = field(default_factory=dict)
    """Of the container."""


def picture(seed: int) -> NDArray[np.uint8]:
    """Return a picture of coloured blocks that another seed does not resemble: (H, W, 3)."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 256, (SIZE[1] // 20, SIZE[0] // 20, 3), dtype=np.uint8)
    return np.kron(blocks, np.ones((20, 20, 1), dtype=np.uint8))


def tone(seconds: float, rate_hz: int, frequency_hz: float = 440.0) -> NDArray[np.int16]:
    """Return a sine at a third of full scale."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (10_000 * np.sin(2 * np.pi * frequency_hz * times)).astype(np.int16)


def make_film(path: Path, film: Film | None = None) -> Path:
    """Write a file of the kind that its suffix names; return its path."""
    film = film or Film()
    video_codec, audio_codec = CODECS[path.suffix]
    rate_hz = 48_000 if audio_codec == "libopus" else film.rate_hz
    with av.open(str(path), "w", options=film.options) as container:
        video = audio = None
        if film.with_video and video_codec:
            video = container.add_stream(video_codec, rate=25)
            video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
            video.gop_size = 25
            if video_codec == "libx264":
                video.options = {"preset": "ultrafast", "bf": "0"}
        if film.with_audio:
            audio = container.add_stream(audio_codec, rate=rate_hz, layout="mono")
        packets = []
        if video is not None:
            packets += [p for frame in _frames(film) for p in video.encode(frame)]
            packets += video.encode(None)
        if audio is not None:
            packets += [p for frame in _sounds(film, rate_hz) for p in audio.encode(frame)]
            packets += audio.encode(None)
        packets = [p for p in packets if p.dts is not None]
        for packet in sorted(packets, key=lambda p: float(p.dts * p.time_base)):
            container.mux(packet)
    return path


def _frames(film: Film) -> list[av.VideoFrame]:
    frames = []
    for index in range(round(film.seconds * 25)):
        scene = sum(index / 25 >= start_s for start_s in film.scenes_s)
        frame = av.VideoFrame.from_ndarray(picture(scene), format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, 25)
        frames.append(frame)
    return frames


def _sounds(film: Film, rate_hz: int) -> list[av.AudioFrame]:
    samples = tone(film.seconds, rate_hz)
    frames = []
    for start in range(0, len(samples), 1_024):
        part = samples[start : start + 1_024].reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        frames.append(frame)
    return frames

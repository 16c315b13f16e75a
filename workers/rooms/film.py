"""Writes a room's film: pictures and sound into an MP4 whose index comes first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from workers.rooms.voices import Samples


@dataclass(frozen=True)
class FilmOptions:
    """How a room is encoded."""

    fps: int = 12
    crf: int = 25
    """Constant quality of x264; smaller is better and larger."""
    max_kbit_s: int = 270
    """Peak rate of the picture."""
    audio_kbit_s: int = 48
    preset: str = "medium"
    """Of x264: the slower, the smaller."""


QUICK = FilmOptions(fps=8, preset="veryfast")
"""Half the work of the default: for hours of rooms, of which stages look at a few pictures a second
anyway."""


def film(
    picture: Callable[[float], Image.Image],
    sound: Samples,
    rate_hz: int,
    out: Path,
    options: FilmOptions,
) -> Iterator[float]:
    """Write a film as long as its sound; yield the share that is done, now and then.

    Args:
        picture: gives the picture of a moment in seconds; all have one size.
        sound: mono samples.
        rate_hz: their rate.
        out: the file; it appears when it is whole.
        options: rates and quality.
    """
    frames = sound.size * options.fps // rate_hz
    part = out.with_name(out.stem + ".part.mp4")
    first = picture(0.0)
    with av.open(str(part), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=options.fps)
        video.width, video.height, video.pix_fmt = first.width, first.height, "yuv420p"
        video.gop_size = options.fps * 4
        # Several threads, frames that look ahead (B) and a conversion by the encoder give other
        # bytes in each run, tried with x264 of PyAV 18.
        video.codec_context.thread_count = 1
        video.options = {
            "crf": str(options.crf), "preset": options.preset, "bf": "0",
            "maxrate": f"{options.max_kbit_s}k", "bufsize": f"{options.max_kbit_s * 3}k",
        }  # fmt: skip
        audio = container.add_stream("aac", rate=rate_hz, layout="mono")
        audio.bit_rate = options.audio_kbit_s * 1000
        for index in range(frames):
            shown = np.asarray(picture(index / options.fps))
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, options.fps)
            container.mux(video.encode(frame))
            if index % options.fps == 0:
                second = index // options.fps
                container.mux(audio.encode(_audio_frame(sound, rate_hz, second)))
            if index % (options.fps * 5) == 0:
                yield index / frames
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    part.rename(out)
    yield 1.0


def _audio_frame(sound: Samples, rate_hz: int, second: int) -> av.AudioFrame:
    """One second of the sound; sound and picture are written side by side."""
    piece = sound[second * rate_hz : (second + 1) * rate_hz]
    whole = (piece * 32767).astype(np.int16)[None, :]
    frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
    frame.sample_rate, frame.pts = rate_hz, second * rate_hz
    frame.time_base = Fraction(1, rate_hz)
    return frame

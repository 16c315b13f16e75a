"""Films a room: the set, the product for sale on it, cuts between its views, and the sound.

In come the set's picture, folders of natural views, a timeline and samples; out goes an MP4 whose
index comes first. The picture is a function of the seed and the time alone.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.errors import InputError
from workers.rooms.compose import MARGIN_PX, Noise, Pose, contact_shadow, cropped, graded, place
from workers.rooms.timeline import Shown, Timeline
from workers.rooms.voices import Samples

_FADE_S = 0.25


@dataclass(frozen=True)
class FilmOptions:
    """How a room is filmed."""

    width_px: int = 854
    height_px: int = 480
    fps: int = 12
    crf: int = 25
    """Constant quality of x264; smaller is better and larger."""
    max_kbit_s: int = 300
    """Peak rate of the picture."""
    audio_kbit_s: int = 48
    noise: float = 1.6
    """Standard deviation of the camera's noise, of 255."""
    seed: int = 0


@dataclass(frozen=True)
class View:
    """A cut-out of a product as it is shown."""

    picture: Image.Image
    held: bool
    """Held up rather than standing on the table."""


@dataclass(frozen=True)
class Shot:
    """One view of one product for a few seconds."""

    view: View
    start_s: float
    end_s: float
    share: float
    """The product's height, of the picture's."""
    gain: float
    drift: float
    """How far the product moves sideways during the shot, of the picture's width."""


def load_views(folder: Path) -> list[View]:
    """Return the natural views of one product.

    Raises:
        InputError: there is none.
    """
    paths = sorted([*folder.glob("[0-9]*-stands.png"), *folder.glob("[0-9]*-held.png")])
    if not paths:
        message = f"{folder} has no natural views; run `render --views` first"
        raise InputError(message)
    views = []
    for path in paths:
        with Image.open(path) as picture:
            views.append(View(cropped(picture.convert("RGBA")), "-held" in path.name))
    return views


def plan_shots(shown: Shown, views: Sequence[View], seed: int) -> list[Shot]:
    """Return shots of two to four seconds that fill the time a product is for sale."""
    draw = random.Random(f"shots/{seed}/{shown.product_id}")  # noqa: S311 (not for secrets)
    at_s, end_s = shown.start_ms / 1000, shown.end_ms / 1000
    order: list[View] = []
    shots: list[Shot] = []
    while at_s < end_s - 0.01:
        if not order:
            # The first view of all is the plainest: the host puts the thing in front of the camera.
            rest = list(views[1:] or views)
            order = [*views[: 0 if shots else 1], *draw.sample(rest, len(rest))]
        length_s = draw.uniform(2.2, 4.0)
        if end_s - at_s - length_s < 1.5:
            length_s = end_s - at_s
        shots.append(
            Shot(
                order.pop(0),
                at_s,
                at_s + length_s,
                draw.uniform(0.48, 0.6),
                draw.uniform(0.93, 1.06),
                draw.uniform(-0.03, 0.03),
            )
        )
        at_s += length_s
    return shots


class Camera:
    """Draws the picture of any moment."""

    def __init__(self, stage: Image.Image, shots: Sequence[Shot], options: FilmOptions) -> None:
        self._stage = stage.convert("RGB")
        self._shots = shots
        self._options = options
        self._shadows = {id(s.view): contact_shadow(s.view.picture, 0.6) for s in shots}
        size = (8, options.height_px, options.width_px)
        grain = np.random.default_rng(options.seed).standard_normal(size)
        self._noise: NDArray[np.float32] = (grain * options.noise).astype(np.float32)

    def picture(self, at_s: float) -> NDArray[np.uint8]:
        """Return the picture of a moment."""
        options = self._options
        canvas = self._background(at_s).convert("RGBA")
        gain = 1.0 + 0.02 * math.sin(at_s * 0.31 + options.seed)
        for shot, fade in self._visible(at_s):
            self._lay(canvas, shot, at_s, fade)
        noise: Noise = self._noise[int(at_s * options.fps) % len(self._noise)]
        return graded(canvas, gain, noise)

    def _visible(self, at_s: float) -> list[tuple[Shot, float]]:
        """The shot of a moment, over the one before while it fades in."""
        for index, shot in enumerate(self._shots):
            if shot.start_s <= at_s < shot.end_s:
                fade = min(1.0, (at_s - shot.start_s) / _FADE_S + 0.25)
                before = self._shots[index - 1] if index else shot
                if fade < 1.0 and before.end_s == shot.start_s:
                    return [(before, 1.0), (shot, fade)]
                return [(shot, fade)]
        return []

    def _background(self, at_s: float) -> Image.Image:
        options, stage = self._options, self._stage
        zoom = 1.04 + 0.03 * math.sin(at_s * 0.23 + options.seed)
        fit = min(stage.width / options.width_px, stage.height / options.height_px) / zoom / 1.03
        width, height = options.width_px * fit, options.height_px * fit
        dx, dy = wander(at_s, options.seed)
        left = (stage.width - width) / 2 + dx * (stage.width - width) / 2
        top = (stage.height - height) / 2 + dy * (stage.height - height) / 2
        box = (left, top, left + width, top + height)
        size = (options.width_px, options.height_px)
        return stage.resize(size, Image.Resampling.BILINEAR, box=box)

    def _lay(self, canvas: Image.Image, shot: Shot, at_s: float, fade: float) -> None:
        options, view = self._options, shot.view
        width, height = options.width_px, options.height_px
        progress = (at_s - shot.start_s) / (shot.end_s - shot.start_s)
        dx, dy = wander(at_s * 1.1 + 3, options.seed + 7)
        # Wide goods would fill the picture at this height, so width limits them too.
        wide, high = (side - 2 * MARGIN_PX for side in view.picture.size)
        scale = min(shot.share * height / high, 0.46 * width / wide)
        scale *= 1 + 0.05 * (progress - 0.5)
        foot = (0.9 if not view.held else 0.5) * height + dy * 5
        turn = 0.5 * dx
        if view.held:
            foot += scale * high / 2 + 7 * math.sin(at_s * 1.9)
            turn = 4 * math.sin(at_s * 1.3) + 2 * dx
        x = width * (0.5 + shot.drift * (progress - 0.5)) - dx * 12
        pose = Pose(x, foot, scale, turn)
        layers = [view.picture] if view.held else [self._shadows[id(view)], view.picture]
        lighter = [min(255, round(value * shot.gain)) for value in range(256)]
        fainter = [round(value * fade) for value in range(256)]
        for layer in layers:
            placed = place(layer, pose, (width, height))
            canvas.alpha_composite(placed.point([*lighter * 3, *fainter]))


def wander(at_s: float, seed: int) -> tuple[float, float]:
    """Return where a hand-held camera looks, from -1 to 1 in both directions."""
    tones = ((0.13, 0.5), (0.28, 0.3), (0.68, 0.14), (1.4, 0.06))
    x = y = 0.0
    for index, (hertz, share) in enumerate(tones):
        turn = 2 * math.pi * hertz * at_s
        x += share * math.sin(turn + seed + index)
        y += share * math.sin(0.83 * turn + 2 * seed - index)
    return x, y


def film(
    camera: Camera,
    timeline: Timeline,
    sound: Samples,
    rate_hz: int,
    out: Path,
    options: FilmOptions,
) -> Iterator[float]:
    """Write the film; yield the share that is done, now and then."""
    frames = timeline.duration_ms * options.fps // 1000
    part = out.with_name(out.stem + ".part.mp4")
    with av.open(str(part), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=options.fps)
        video.width, video.height, video.pix_fmt = options.width_px, options.height_px, "yuv420p"
        video.gop_size = options.fps * 4
        video.options = {
            "crf": str(options.crf), "preset": "slow", "maxrate": f"{options.max_kbit_s}k",
            "bufsize": f"{options.max_kbit_s * 3}k",
        }  # fmt: skip
        audio = container.add_stream("aac", rate=rate_hz, layout="mono")
        audio.bit_rate = options.audio_kbit_s * 1000
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(camera.picture(index / options.fps), format="rgb24")
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


def all_shots(timeline: Timeline, views: Mapping[str, Sequence[View]], seed: int) -> list[Shot]:
    """Return the shots of a whole room, in order."""
    return [
        shot
        for shown in timeline.shown
        for shot in plan_shots(shown, views[shown.product_id], seed)
    ]

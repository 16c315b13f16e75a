"""The only way from pixels and text to tensors: trainer, indexer and live stream all come here.

In: RGB pictures and strings. Out: a `Batch`. Resizing is Pillow's, on the CPU and in uint8, since
other libraries resize differently and the same picture must give the same numbers everywhere.
Raise `VERSION` with any change that moves a number.
"""

import json
import unicodedata
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from PIL import Image

from models.batch import Batch, Pixels, Sample
from models.config import EncoderConfig, ImageConfig, TextConfig
from models.domain import DOMAINS
from models.errors import InputError

VERSION = 1
MAX_CHARACTERS = 4_000
"""A longer text is cut before it is tokenised; no token budget here comes near it."""
_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
_GREY = (127, 127, 127)


class Tokenizer(Protocol):
    """Texts to token ids; cuts and pads as the settings say."""

    def __call__(self, texts: list[str], /) -> tuple[list[list[int]], list[list[int]]]:
        """Return ids and attention masks, rows of equal length."""


def fingerprint_text(config: EncoderConfig) -> str:
    """Return what decides the tensors, as text to be hashed."""
    parts = {"version": VERSION, "frames": config.frames}
    options = {"image": config.image.deciding(), "text": config.text.deciding()}
    return json.dumps({**parts, **options}, sort_keys=True)


def clean_text(text: str | None) -> str | None:
    """Return the text in one Unicode form with single spaces, or none when nothing is left."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    shown = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in plain)
    return " ".join(shown.split()) or None


def to_picture(frame: Pixels | Image.Image) -> Image.Image:
    """Return an RGB picture.

    Raises:
        InputError: an array that is not (H, W, 3) uint8, or has no pixels.
    """
    if isinstance(frame, Image.Image):
        return frame if frame.mode == "RGB" else frame.convert("RGB")
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8 or not frame.size:
        message = f"a frame should be (H, W, 3) uint8, but is {frame.shape} {frame.dtype}"
        raise InputError(message)
    return Image.fromarray(frame)


def fit_picture(picture: Image.Image, config: ImageConfig) -> Image.Image:
    """Return the picture in exactly the size that the network sees."""
    width, height = config.width_px, config.height_px
    resample = _FILTERS[config.filter]
    if config.fit == "squash":
        return picture.resize((width, height), resample)
    if config.fit == "letterbox":
        scale = min(width / picture.width, height / picture.height)
        inner = picture.resize(_scaled(picture, scale), resample)
        board = Image.new("RGB", (width, height), _GREY)
        board.paste(inner, ((width - inner.width) // 2, (height - inner.height) // 2))
        return board
    # Resizing only the middle spares work on the rest, which is most of a wide frame.
    scale = max(width / picture.width, height / picture.height) / config.crop
    cut_w, cut_h = width / scale, height / scale
    left, top = (picture.width - cut_w) / 2, (picture.height - cut_h) / 2
    return picture.resize((width, height), resample, box=(left, top, left + cut_w, top + cut_h))


def _scaled(picture: Image.Image, scale: float) -> tuple[int, int]:
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def pixels(frames: Sequence[Pixels | Image.Image], config: ImageConfig) -> torch.Tensor:
    """Return (N, 3, H, W) float32, normalised."""
    shape = (len(frames), config.height_px, config.width_px, 3)
    values = np.empty(shape, dtype=np.float32)
    for index, frame in enumerate(frames):
        values[index] = np.asarray(fit_picture(to_picture(frame), config), dtype=np.float32)
    values /= 255.0
    values -= np.asarray(config.mean, dtype=np.float32)
    values /= np.asarray(config.std, dtype=np.float32)
    return torch.from_numpy(values).permute(0, 3, 1, 2)


def tokens(
    texts: list[str], tokenizer: Tokenizer, config: TextConfig
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token ids and attention, both (T, L) int64; the tokenizer cuts and pads."""
    if not texts:
        empty = torch.zeros((0, config.max_tokens), dtype=torch.int64)
        return empty, empty.clone()
    ids, attention = tokenizer(texts)
    return torch.tensor(ids, dtype=torch.int64), torch.tensor(attention, dtype=torch.int64)


def chosen(count: int, most: int) -> list[int]:
    """Return at most `most` of `count` indices: the centre of each of `most` equal parts.

    COPE (arXiv 2308.05550) takes floor((2i+1)·N/(2K)) and repeats frames when N < K; here nothing
    repeats, since a repeat would weigh some frames twice.
    """
    if count <= most:
        return list(range(count))
    return [(2 * index + 1) * count // (2 * most) for index in range(most)]


def to_batch(samples: Sequence[Sample], tokenizer: Tokenizer, config: EncoderConfig) -> Batch:
    """Return the tensors of the samples; what a sample lacks takes no room."""
    frames: list[Pixels | Image.Image] = []
    frame_of: list[int] = []
    texts: list[str] = []
    text_of: list[int] = []
    for index, sample in enumerate(samples):
        looked_at = chosen(len(sample.frames), config.frames)
        frames += [sample.frames[at] for at in looked_at]
        frame_of += [index] * len(looked_at)
        read = sample.domain in config.text.domains
        text = clean_text(sample.text) if read else None
        if text is not None:
            texts.append(text)
            text_of.append(index)
    ids, attention = tokens(texts, tokenizer, config.text)
    return Batch(
        size=len(samples),
        pixels=pixels(frames, config.image),
        frame_of=torch.tensor(frame_of, dtype=torch.int64),
        tokens=ids,
        attention=attention,
        text_of=torch.tensor(text_of, dtype=torch.int64),
        domain=torch.tensor([DOMAINS.index(one.domain) for one in samples], dtype=torch.int64),
    )

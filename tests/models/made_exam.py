"""An encoder that knows colours and words without weights, and a small shop for it to search."""

import json
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from models.config import EncoderConfig, FusionConfig, ImageConfig, TextConfig
from models.encoder import Branches, Encoder
from models.manifest import Manifest, load_manifest

DIM = 16
COLOURS = {
    "red": (220, 20, 20),
    "rose": (220, 40, 40),
    "green": (20, 220, 20),
    "blue": (20, 20, 220),
}
"""Red and rose look alike."""
WORDS = ["", "red", "rose", "green", "blue", "jam", "tea", "so", "look", "here"]
_CHATTER = WORDS.index("so")


class _Eye(torch.nn.Module):
    """The mean colour, in the first three of all numbers."""

    def forward(self, pixels: Tensor) -> Tensor:
        seen = torch.zeros(len(pixels), DIM)
        seen[:, :3] = pixels.mean(dim=(2, 3))
        return torch.nn.functional.normalize(seen, dim=1)


class _Ear(torch.nn.Module):
    """One number for each word; small talk counts little."""

    def forward(self, tokens: Tensor, attention: Tensor) -> Tensor:
        heard = torch.zeros(len(tokens), DIM)
        for row, (ids, mask) in enumerate(zip(tokens, attention, strict=True)):
            for word, there in zip(ids.tolist(), mask.tolist(), strict=True):
                if there:
                    heard[row, 3 + word] += 0.1 if word >= _CHATTER else 1.0
        return torch.nn.functional.normalize(heard, dim=1)


def _tokens(texts: list[str]) -> tuple[list[list[int]], list[list[int]]]:
    said = [[WORDS.index(word) for word in text.casefold().split()] for text in texts]
    longest = max(len(words) for words in said)
    filled = [words + [0] * (longest - len(words)) for words in said]
    return filled, [[int(at < len(words)) for at in range(longest)] for words in said]


def made_encoder(name: str = "colours", *, mean: bool = True) -> Encoder:
    """Return it; vectors of 16 numbers, or of 32 with picture and words side by side."""
    config = EncoderConfig(
        name=name,
        image=ImageConfig(height_px=16, width_px=16, fit="squash"),
        text=TextConfig(),
        fusion=FusionConfig(kind="mean" if mean else "concat"),
    )
    return Encoder(config, Branches(_Eye(), DIM, _Ear(), DIM, _tokens), name, (), "cpu")


def made_rows(folder: Path) -> list[dict[str, object]]:
    """Write pictures of a shop with four products in two rooms; return its rows.

    Each product has a page, a short video, a clip with words and summary, and one of which the
    summarizer made nothing; a clip of each room shows no product.
    """
    rows: list[dict[str, object]] = []
    for name, colour in {**COLOURS, "grey": (120, 120, 120)}.items():
        Image.new("RGB", (24, 24), colour).save(folder / f"{name}.png")
    for at, name in enumerate(COLOURS):
        title = f"{name} {'jam' if at < 2 else 'tea'}"
        room = f"room-{at % 2}"
        known = {"product_id": f"p-{name}", "frames": [f"{name}.png"], "split": "test"}
        known["category"] = "jams" if at < 2 else "teas"
        rows += [
            {**known, "domain": "page", "title": title, "stream_id": room},
            {**known, "domain": "video", "transcript": f"so {name}", "summary": title},
            {**known, "domain": "live", "transcript": f"look here {name}", "summary": title,
             "stream_id": room},
            {**known, "domain": "live", "transcript": "so so", "summary": None, "stream_id": room},
        ]  # fmt: skip
    for room in ("room-0", "room-1"):
        rows.append({"product_id": None, "domain": "live", "frames": ["grey.png"], "split": "test",
                     "transcript": "look so", "stream_id": room})  # fmt: skip
    return rows


def made_shop(folder: Path, rows: list[dict[str, object]] | None = None) -> Manifest:
    """Return the shop as a manifest; `rows` instead of those of `made_rows`."""
    path = folder / "manifest.jsonl"
    written = made_rows(folder) if rows is None else rows
    path.write_text("".join(json.dumps(row) + "\n" for row in written))
    return load_manifest(path)

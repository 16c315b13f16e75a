"""What both training loops of `liveshelf bench train` are given: the same pairs, the same towers.

Photos are made of drawn colours and titles of drawn words. The towers are a vision and a text
transformer as in CLIP (Radford et al., arXiv 2103.00020), of any size, with random weights; nothing
is downloaded.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.manifest import Manifest, Row

_PHOTO_PX = (160, 120)
_CELLS = 8


@dataclass(frozen=True)
class Towers:
    """The size of both towers."""

    width: int = 192
    """Of a token."""
    layers: int = 6
    heads: int = 3
    """Of attention; a divisor of `width`."""
    side_px: int = 96
    """Of a picture."""
    patch_px: int = 16
    tokens: int = 16
    """Of a title, its two marks included."""
    words: int = 500
    """That there are, marks included."""
    dim: int = 128
    """Of the space that both tell vectors in."""


def write_pairs(folder: Path, count: int, towers: Towers) -> Manifest:
    """Write photos and return clips of them with a page each, which has a title and no picture."""
    draw = np.random.default_rng(0)
    rows = []
    for number in range(count):
        name, product = f"{number}.jpg", f"product-{number}"
        cells = draw.integers(0, 256, (_CELLS, _CELLS, 3), dtype=np.uint8)
        Image.fromarray(cells).resize(_PHOTO_PX, Image.Resampling.BICUBIC).save(folder / name)
        drawn = draw.integers(towers.words - 4, size=towers.tokens - 2)
        title = " ".join(f"word{word}" for word in drawn.tolist())
        rows.append(Row(product, "page", (), "train", title))
        rows.append(Row(product, "live", (name,), "train"))
    return Manifest(folder, tuple(rows))


def save_towers(folder: Path, towers: Towers) -> None:
    """Write both towers as hub folders, `image` and `text` with its tokenizer."""
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModel

    size = {
        "hidden_size": towers.width,
        "intermediate_size": 4 * towers.width,
        "num_hidden_layers": towers.layers,
        "num_attention_heads": towers.heads,
        "hidden_act": "gelu",
    }
    ends = _save_tokenizer(folder / "text", towers)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        seen = CLIPVisionConfig(**size, image_size=towers.side_px, patch_size=towers.patch_px)
        CLIPVisionModel(seen).save_pretrained(folder / "image")
        read = CLIPTextConfig(
            **size,
            vocab_size=towers.words,
            max_position_embeddings=towers.tokens,
            bos_token_id=ends - 1,
            eos_token_id=ends,
            pad_token_id=ends - 3,
        )
        CLIPTextModel(read).save_pretrained(folder / "text")


def _save_tokenizer(folder: Path, towers: Towers) -> int:
    """Write a tokenizer of words and return the number of the end mark, the largest."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    marks = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    names = [*(f"word{number}" for number in range(towers.words - len(marks))), *marks.values()]
    numbers = {name: number for number, name in enumerate(names)}
    made = Tokenizer(models.WordLevel(numbers, unk_token=marks["unk_token"]))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(mark, numbers[mark]) for mark in ("<s>", "</s>")]
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    PreTrainedTokenizerFast(tokenizer_object=made, **marks).save_pretrained(folder)
    return numbers["</s>"]

"""Tiny random SigLIP and CLIP folders, and an encoder double without weights, for tests."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.apart import Apart, fused_apart
from models.batch import BranchVectors, Sample
from models.checkpoint import save_checkpoint
from models.config import EncoderConfig, ImageConfig, TextConfig
from models.fusion import Layout, mean_of_frames, unit
from models.preprocess import clean_text, pixels
from workers.events import Product

WORDS = ("oat", "milk", "dark", "roast", "coffee", "apricot", "jam", "honey", "soup", "red", "blue")
COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (30, 40, 200)}
Floats = npt.NDArray[np.float32]


class ColourAndWords:
    """Encodes a picture by its colours and a text by its words; an encoder without a network."""

    def __init__(self, name: str = "double") -> None:
        self.fingerprint = hashlib.sha256(name.encode()).hexdigest()
        self.layout = Layout("concat", 12, 32, image_weight=0.5)
        self.seen: list[Sample] = []

    def encode(self, samples: Sequence[Sample]) -> Floats:
        return self.layout.fuse(self.parts(samples))

    def encode_apart(self, samples: Sequence[Sample]) -> Apart:
        return fused_apart(self.parts(samples), self.layout.fuse)

    def parts(self, samples: Sequence[Sample]) -> BranchVectors:
        self.seen += samples
        image = np.zeros((len(samples), 12), dtype=np.float32)
        text = np.zeros((len(samples), 32), dtype=np.float32)
        for row, sample in enumerate(samples):
            if sample.frames:
                config = ImageConfig(height_px=16, width_px=16, fit="squash")
                quarters = pixels(sample.frames, config).reshape(-1, 3, 2, 8, 2, 8).mean((3, 5))
                vectors = unit(quarters.reshape(-1, 12).numpy())
                image[row] = mean_of_frames(vectors, np.zeros(len(vectors), dtype=np.int64), 1)[0]
            for word in (clean_text(sample.text) or "").casefold().split():
                place = hashlib.sha256(word.encode()).digest()
                text[row, place[0] % 32] += 1.0 if place[1] % 2 else -1.0
        seen, read = np.asarray(image.any(axis=1)), np.asarray(text.any(axis=1))
        return BranchVectors(image, unit(text), seen, read)


def picture(colour: str = "red", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Return a plain picture with a lighter corner, so that crops and flips show."""
    made = Image.new("RGB", size, COLOURS[colour])
    made.paste((240, 240, 240), (0, 0, size[0] // 4, size[1] // 4))
    return made


def image_bytes(made: Image.Image, kind: str = "JPEG") -> bytes:
    """Return the picture as a file."""
    buffer = io.BytesIO()
    made.save(buffer, kind)
    return buffer.getvalue()


def products(folder: Path, shop: str | None = None) -> list[Product]:
    """Return a product for each colour, with its picture on disk."""
    titles = {"red": "apricot jam", "green": "oat milk", "blue": "dark roast coffee"}
    made = []
    for colour, title in titles.items():
        path = folder / f"{colour}.png"
        path.write_bytes(image_bytes(picture(colour), "PNG"))
        made.append(Product(product_id=f"p-{colour}", title=title, images=(str(path),), shop=shop))
    return made


def save_tokenizer(folder: Path) -> int:
    """Write a word tokenizer with start and end marks; return the size of its vocabulary."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    marks = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    names = [*marks.values(), *WORDS]
    words = Tokenizer(models.WordLevel({name: at for at, name in enumerate(names)}, "<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)]
    )
    PreTrainedTokenizerFast(tokenizer_object=words, **marks).save_pretrained(folder)
    return len(names)


def save_siglip(folder: Path) -> Path:
    """Write a random SigLIP model as a hub folder."""
    import torch
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel

    size = save_tokenizer(folder)
    small = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    torch.manual_seed(1)
    text = {**small, "vocab_size": size, "max_position_embeddings": 16, "projection_size": 32}
    config = SiglipConfig(
        text_config=text, vision_config={**small, "image_size": 32, "patch_size": 8}
    )
    SiglipModel(config).save_pretrained(folder)
    SiglipImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def save_clip(folder: Path) -> Path:
    """Write a random CLIP model as a hub folder."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    size = save_tokenizer(folder)
    small = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    torch.manual_seed(2)
    text = {**small, "vocab_size": size, "max_position_embeddings": 16, "eos_token_id": 3}
    config = CLIPConfig(
        text_config={**text, "bos_token_id": 2, "pad_token_id": 0},
        vision_config={**small, "image_size": 32, "patch_size": 8},
        projection_dim=24,
    )
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    ).save_pretrained(folder)
    return folder


def save_branches(folder: Path) -> Path:
    """Write a checkpoint of two random networks of a few thousand numbers; return its folder."""
    import timm
    import torch
    from safetensors.torch import save_file
    from transformers import BertConfig, BertModel

    torch.manual_seed(3)
    image, text, checkpoint = folder / "image", folder / "text", folder / "checkpoint"
    image.mkdir(parents=True)
    network = timm.create_model("test_efficientnet", pretrained=False)
    # As made, its random layers swallow the picture; larger weights let it through.
    state = {
        name: (value * 4 if value.ndim == 4 else value).contiguous()
        for name, value in network.state_dict().items()
    }
    save_file(state, image / "model.safetensors")
    text.mkdir()
    size = save_tokenizer(text)
    bert = BertConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
    )
    BertModel(bert).save_pretrained(text)
    config = EncoderConfig(
        name="tiny",
        frames=4,
        image=ImageConfig(
            weights=str(image), architecture="test_efficientnet", height_px=64, width_px=64
        ),
        text=TextConfig(weights=str(text), max_tokens=16),
    )
    save_checkpoint(checkpoint, config, "# tiny\n\nRandom, for tests.\n")
    return checkpoint

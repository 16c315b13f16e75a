"""Turns weights as they are published into a folder that our loaders read; run once per pull.

In: a folder with the published files, already checked against their SHA-256. Out: files in a second
folder. A converter is named in `registry.toml`; its version belongs to the identity of what it
makes, so raise it whenever its output changes. Nothing here unpickles objects or runs code that
comes with weights.
"""

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.errors import WeightsError


@dataclass(frozen=True)
class Converter:
    """One way from published files to a folder that loads."""

    version: int
    """Part of the identity of the converted files."""
    run: Callable[[Path, Path], None]
    """Reads the first folder, writes into the second."""


def _single(folder: Path, suffix: str) -> Path:
    found = sorted(folder.glob(f"*{suffix}"))
    if len(found) != 1:
        message = f"{folder} should hold one *{suffix} file, but holds {len(found)}"
        raise WeightsError(message)
    return found[0]


def gguf_to_safetensors(source: Path, target: Path) -> None:
    """Unpack a quantised GGUF language model to half precision, with tokenizer and chat template.

    The published 4-bit numbers are a scale and an offset in half precision times a small integer,
    so half precision loses nothing that the quantisation had left. Unpacking a GGUF takes 15 s and
    loading the result one, which is why this is done once.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    gguf = _single(source, ".gguf")
    # transformers draws progress bars here, one of which no setting turns off.
    with contextlib.redirect_stderr(io.StringIO()):
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=gguf.name)
        packed = AutoModelForCausalLM.from_pretrained(
            source, gguf_file=gguf.name, dtype=torch.float32
        )
    settings = packed.config.to_dict()
    for key in ("quantization_config", "_name_or_path", "dtype"):
        settings.pop(key, None)
    config = AutoConfig.for_model(**settings)
    # The unpacked model still calls itself quantised and refuses to be saved; its tensors go into
    # a plain one.
    with torch.device("meta"):
        plain = AutoModelForCausalLM.from_config(config, dtype=torch.float16)
    halves = {name: tensor.half() for name, tensor in packed.state_dict().items()}
    plain.load_state_dict(halves, assign=True)
    plain.tie_weights()
    plain.generation_config = packed.generation_config
    # GGUF files of this family name the turn's opening token as its end.
    end = tokenizer.convert_ids_to_tokens(config.eos_token_id)
    tokenizer.eos_token = tokenizer.pad_token = end
    tokenizer.clean_up_tokenization_spaces = False
    with contextlib.redirect_stderr(io.StringIO()):
        plain.save_pretrained(target)
        tokenizer.save_pretrained(target)


def efficientnet_lite0_to_timm(source: Path, target: Path) -> None:
    """Rename the published EfficientNet-lite0 to the keys of timm's `tf_efficientnet_lite0`.

    Both files list the same layers in the same order (checked here by shape), so the n-th tensor
    of one is the n-th of the other.
    """
    import timm
    import torch
    from safetensors.torch import save_file

    published = torch.load(_single(source, ".pth"), weights_only=True, map_location="cpu")
    with torch.device("meta"):
        names = timm.create_model("tf_efficientnet_lite0", pretrained=False).state_dict()
    renamed: dict[str, torch.Tensor] = {}
    if len(published) != len(names):
        message = f"the EfficientNet-lite0 file has {len(published)} tensors, timm {len(names)}"
        raise WeightsError(message)
    for (old, tensor), (new, like) in zip(published.items(), names.items(), strict=True):
        if tensor.shape != like.shape:
            message = (
                f"tensor {old} of EfficientNet-lite0 has shape {tuple(tensor.shape)}, "
                f"timm's {new} has {tuple(like.shape)}"
            )
            raise WeightsError(message)
        renamed[new] = tensor.contiguous()
    save_file(renamed, target / "model.safetensors", metadata={"format": "pt"})
    # The file that timm's own hub folders carry, so that a loader needs no name but the folder's.
    settings = {"architecture": "tf_efficientnet_lite0", "num_classes": 1000}
    (target / "config.json").write_text(json.dumps(settings) + "\n", encoding="utf-8")


CONVERTERS: dict[str, Converter] = {
    "gguf-to-safetensors": Converter(version=1, run=gguf_to_safetensors),
    "efficientnet-lite0-to-timm": Converter(version=1, run=efficientnet_lite0_to_timm),
}

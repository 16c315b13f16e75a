"""A causal language model of this machine: where it computes, in which numbers, and its loading."""

from pathlib import Path
from typing import Any

import torch

from models.branches.pretrained import without_progress_bar
from models.errors import WeightsError


def pick_device(wanted: str) -> torch.device:
    """Return the device of a setting; `auto` is a GPU where there is one."""
    if wanted != "auto":
        return torch.device(wanted)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def pick_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """Return the number format of a setting.

    On a processor that multiplies bfloat16 a window takes half the time; on one that does not, it
    takes several times as long, so there it is float32.
    """
    if wanted != "auto":
        return {
            "float32": torch.float32,
            "bfloat16": torch.bfloat16,
            "float16": torch.float16,
        }[wanted]
    if device.type == "cuda":
        return torch.bfloat16
    ask = getattr(torch.cpu, "get_capabilities", dict)
    able: dict[str, bool] = ask()
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


def load_language_model(folder: Path, dtype: torch.dtype) -> tuple[Any, Any]:
    """Return tokenizer and model of a folder, on the CPU.

    Raises:
        WeightsError: the folder cannot be loaded.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        with without_progress_bar():
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        message = f"the summarizer's language model {folder} cannot be loaded: {error}"
        raise WeightsError(message) from error
    return tokenizer, model


def ends_of(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return the tokens with which a model ends what it writes."""
    config = getattr(model, "generation_config", None)
    ends = getattr(config, "eos_token_id", None)
    known = ends if isinstance(ends, list | tuple) else [ends]
    found = {one for one in (*known, tokenizer.eos_token_id) if one is not None}
    return frozenset(int(one) for one in found)

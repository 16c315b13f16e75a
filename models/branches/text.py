"""The text branch: a sentence encoder, the mean of its token states, one vector a text.

Mean pooling over tokens that are no padding is how all-MiniLM-L6-v2 was trained
(Reimers & Gurevych, arXiv 1908.10084).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from models.config import TextConfig
from models.errors import WeightsError
from models.preprocess import Tokenizer


class TextBranch(torch.nn.Module):
    """(T, L) tokens and attention -> (T, D) float32 of unit length."""

    def __init__(self, network: torch.nn.Module, dim: int) -> None:
        super().__init__()
        self.network = network
        self.dim = dim

    def forward(self, tokens: Tensor, attention: Tensor) -> Tensor:
        """(T, L), (T, L) -> (T, D)."""
        states = self.network(input_ids=tokens, attention_mask=attention).last_hidden_state
        mask = attention[:, :, None].to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1.0)
        return torch.nn.functional.normalize(mean, dim=1)


def load_text_branch(folder: Path) -> TextBranch:
    """Return the branch with the weights of a folder, on the CPU, ready to encode.

    Raises:
        WeightsError: the folder is no text encoder.
    """
    from transformers import AutoModel

    with without_progress_bar():
        try:
            network = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        except (OSError, ValueError) as error:
            message = f"{folder} cannot be read as a text encoder: {error}"
            raise WeightsError(message) from error
    branch = TextBranch(network, int(network.config.hidden_size))
    return branch.eval().requires_grad_(requires_grad=False)


def load_tokenizer(folder: Path, config: TextConfig) -> Tokenizer:
    """Return the folder's tokenizer, set to cut and pad as the settings say.

    Raises:
        WeightsError: the folder has no tokenizer.
    """
    from transformers import AutoTokenizer

    try:
        loaded = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        message = f"{folder} has no tokenizer that can be read: {error}"
        raise WeightsError(message) from error
    padding = "max_length" if config.padding == "max" else "longest"

    def tokenize(texts: list[str]) -> tuple[list[list[int]], list[list[int]]]:
        answer = loaded(
            texts,
            padding=padding,
            truncation=True,
            max_length=config.max_tokens,
            return_attention_mask=True,
        )
        return answer["input_ids"], answer["attention_mask"]

    return tokenize


@contextmanager
def without_progress_bar() -> Iterator[None]:
    """Keep `transformers` from drawing a bar for weights that load in a moment."""
    from transformers.utils import logging

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()

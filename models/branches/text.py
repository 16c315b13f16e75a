"""The text branch: a text encoder of `transformers`, one vector a text.

Mean pooling over tokens that are no padding is how all-MiniLM-L6-v2 was trained
(Reimers & Gurevych, arXiv 1908.10084); COPE and AMPere take their RoBERTa's pooled output.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.branches.pretrained import from_settings, pretrained
from models.config import TextConfig
from models.errors import WeightsError
from models.preprocess import Tokenizer

_TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "*.model",
)


class TextBranch(torch.nn.Module):
    """(T, L) tokens and attention -> (T, D) float32 of unit length."""

    def __init__(
        self,
        network: torch.nn.Module,
        dim: int,
        config: TextConfig | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.dim = dim
        self.config = config or TextConfig()
        self.folder = folder
        """Where its tokenizer lies."""

    @property
    def trims(self) -> bool:
        """Whether padding may be cut off."""
        return self.config.padding == "longest"

    def forward(self, tokens: Tensor, attention: Tensor) -> Tensor:
        """(T, L), (T, L) -> (T, D)."""
        told = attention if self.config.attention else None
        answer = self.network(input_ids=tokens, attention_mask=told)
        if self.config.pool == "pooled":
            vectors = answer.pooler_output
        elif self.config.pool == "cls":
            vectors = answer.last_hidden_state[:, 0]
        else:
            states = answer.last_hidden_state
            mask = attention[:, :, None].to(states.dtype)
            vectors = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1.0)
        return torch.nn.functional.normalize(vectors, dim=1)


def load_text_branch(folder: Path, config: TextConfig | None = None) -> TextBranch:
    """Return the branch with the weights of a folder, on the CPU, ready to encode.

    Raises:
        WeightsError: the folder is no text encoder, or lacks tensors.
    """
    config = config or TextConfig()
    return _branch(pretrained(folder, "text", config.pool), folder, config)


def make_text_branch(folder: Path, config: TextConfig) -> TextBranch:
    """Return a branch with random weights, by the settings that a checkpoint keeps.

    Raises:
        WeightsError: they cannot be read.
    """
    return _branch(from_settings(folder, "text", config.pool), folder, config)


def _branch(network: Any, folder: Path, config: TextConfig) -> TextBranch:
    width = getattr(network.config, "hidden_size", None)
    if not isinstance(width, int) or not hasattr(network.config, "vocab_size"):
        message = f"{folder} is a {type(network).__name__}, which does not read text by itself"
        raise WeightsError(message)
    branch = TextBranch(network, width, config, folder)
    return branch.eval().requires_grad_(requires_grad=False)


def tokenizer_files(folder: Path) -> dict[str, bytes]:
    """Return the files that a folder's tokenizer is made of, by name.

    Raises:
        WeightsError: there is none.
    """
    found = {path.name: path.read_bytes() for one in _TOKENIZER for path in folder.glob(one)}
    if not found:
        message = f"{folder} has no tokenizer that could travel in a checkpoint"
        raise WeightsError(message)
    return found


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

"""Prompts with answers: in which order they are learnt, and the loss of the answers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (the name that everybody uses)

_POOL = 16
"""Batches that are sorted by length together: less padding, and still a new order every epoch."""


@dataclass(frozen=True)
class Example:
    """One prompt with its answer."""

    tokens: tuple[int, ...]
    answer_at: int
    """Index of the answer's first token; at least 1."""


def ordered(examples: Sequence[Example], size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return an epoch's batches of indices: lengths alike within a batch, order from the seed."""
    draw = random.Random(f"{seed}/{epoch}")  # noqa: S311 (not for secrets)
    order = draw.sample(range(len(examples)), len(examples))
    batches: list[list[int]] = []
    for start in range(0, len(order), size * _POOL):
        pool = sorted(
            order[start : start + size * _POOL], key=lambda index: len(examples[index].tokens)
        )
        batches += [pool[at : at + size] for at in range(0, len(pool), size)]
    draw.shuffle(batches)
    return batches


def answer_loss(model: Any, examples: Sequence[Example], *, mean: bool = True) -> torch.Tensor:
    """Return the loss of the answers' tokens, as a mean over all of them or as a sum."""
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    device = causal.device
    width = max(len(one.tokens) for one in examples)
    rows = torch.zeros((len(examples), width), dtype=torch.long, device=device)  # B L
    answers = torch.zeros_like(rows, dtype=torch.bool)
    for row, one in enumerate(examples):
        rows[row, : len(one.tokens)] = torch.tensor(one.tokens, device=device)
        answers[row, one.answer_at : len(one.tokens)] = True
    # Padding stands on the right, where a causal model never looks: no mask is needed.
    hidden = causal.base_model(input_ids=rows, use_cache=False).last_hidden_state  # B L D
    # The vocabulary's matrix is the dearest of all and only answers need it.
    logits = causal.get_output_embeddings()(hidden[:, :-1][answers[:, 1:]]).float()  # N V
    return F.cross_entropy(logits, rows[answers], reduction="mean" if mean else "sum")

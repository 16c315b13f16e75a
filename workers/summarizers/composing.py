"""Several lines written at once: greedy continuations of prompts that begin alike.

The part that never changes is read once and its keys and values are kept. Every step of a small
model reads all its weights, so four lines take little longer than one.
"""

import copy
from collections.abc import Collection, Sequence
from typing import Any

import torch


class Composing:
    """Writes under a fixed head. Not safe for several threads.

    Args:
        model: of `transformers`, in evaluation mode.
        head: tokens that all prompts begin with; may be none.
        most_tokens: longest line.
        ends: tokens that end a line; they are not part of it.
    """

    def __init__(
        self, model: Any, head: Sequence[int], most_tokens: int, ends: Collection[int]
    ) -> None:
        self._model = model
        self._most = most_tokens
        self._ends = frozenset(ends)
        self._head_length = len(head)
        self._head: Any = None
        if head:
            rows = torch.tensor([list(head)], device=model.device)
            with torch.inference_mode():
                self._head = model(rows, use_cache=True, logits_to_keep=1).past_key_values

    def write(self, rests: Sequence[Sequence[int]]) -> list[list[int]]:
        """Return the likeliest next tokens of each prompt, one after another.

        Args:
            rests: tokens after the head; at least one each.
        """
        if not rests:
            return []
        device = self._model.device
        width = max(len(rest) for rest in rests)
        # Padded on the left, so that all lines go on at the same place; the mask hides it.
        rows = torch.tensor([[0] * (width - len(rest)) + list(rest) for rest in rests])  # B L
        mask = torch.tensor(
            [
                [1] * self._head_length + [0] * (width - len(rest)) + [1] * len(rest)
                for rest in rests
            ]
        )
        return self._greedy(rows.to(device), mask.to(device))

    def _greedy(self, rows: torch.Tensor, mask: torch.Tensor) -> list[list[int]]:
        cache = copy.deepcopy(self._head)
        if cache is not None:
            cache.batch_repeat_interleave(len(rows))
        places = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, self._head_length :]
        lines: list[list[int]] = [[] for _ in rows]
        open_lines = set(range(len(lines)))
        for _ in range(self._most):
            with torch.inference_mode():
                read = self._model(
                    rows,
                    attention_mask=mask,
                    position_ids=places,
                    past_key_values=cache,
                    use_cache=True,
                    logits_to_keep=1,
                )
            cache = read.past_key_values
            rows = read.logits[:, -1].argmax(dim=-1, keepdim=True)  # B 1
            for at in list(open_lines):
                token = int(rows[at, 0])
                if token in self._ends:
                    open_lines.remove(at)
                else:
                    lines[at].append(token)
            if not open_lines:
                break
            mask = torch.cat([mask, mask.new_ones(len(lines), 1)], dim=1)
            places = places[:, -1:] + 1
        return lines

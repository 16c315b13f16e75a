"""How likely a causal language model finds each of several continuations of one prompt.

Only here does the summarizer speak torch. The part of a prompt that never changes is read once and
its keys and values are kept; the rest is read once per window and shared by all continuations.
"""

import copy
from collections.abc import Sequence
from typing import Any

import torch


class Likelihood:
    """Scores continuations under a fixed head. Not safe for several threads."""

    def __init__(self, model: Any, head: Sequence[int], batch: int) -> None:
        self._model = model
        self._batch = batch
        self._head_length = len(head)
        self._head = self._read([list(head)], None, keep=1).past_key_values

    def _read(self, rows: list[list[int]], cache: Any, keep: int, lengths: Any = None) -> Any:
        device = self._model.device
        past = cache.get_seq_length() if cache is not None else 0
        width = len(rows[0])
        mask = torch.ones((len(rows), past + width), dtype=torch.long, device=device)
        if lengths is not None:
            columns = torch.arange(past + width, device=device)
            mask = (columns[None, :] < past + lengths[:, None]).long()
        with torch.inference_mode():
            return self._model(
                torch.tensor(rows, device=device),
                attention_mask=mask,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=keep,
            )

    def log_likelihoods(
        self, rest: Sequence[int], continuations: Sequence[Sequence[int]]
    ) -> list[float]:
        """Return log p(continuation | head + rest), in nats, for each continuation.

        Args:
            rest: tokens after the head; at least one.
            continuations: tokens; at least one each.
        """
        read = self._read([list(rest)], copy.deepcopy(self._head), keep=1)
        first = torch.log_softmax(read.logits[0, -1].float(), dim=-1)
        scores: list[float] = []
        for start in range(0, len(continuations), self._batch):
            part = [list(tokens) for tokens in continuations[start : start + self._batch]]
            scores += self._score(part, first, copy.deepcopy(read.past_key_values))
        return scores

    def _score(self, part: list[list[int]], first: torch.Tensor, cache: Any) -> list[float]:
        width = max(len(tokens) for tokens in part)
        lengths = torch.tensor([len(tokens) for tokens in part], device=first.device)
        padded = [tokens + [0] * (width - len(tokens)) for tokens in part]
        cache.batch_repeat_interleave(len(part))
        logits = self._read(padded, cache, keep=0, lengths=lengths).logits.float()  # B L V
        wanted = torch.tensor(padded, device=first.device)
        # The first token is predicted by the prompt, every other one by the token before it.
        later = torch.log_softmax(logits[:, :-1], dim=-1).gather(2, wanted[:, 1:, None])[..., 0]
        steps = torch.cat([first[wanted[:, :1]], later], dim=1)  # B L
        columns = torch.arange(width, device=first.device)
        real = columns[None, :] < lengths[:, None]
        return [float(total) for total in (steps * real).sum(dim=1)]

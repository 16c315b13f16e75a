"""The summarizer on a local causal language model.

With a cart, the model does not write, it chooses: each title is scored by how much the transcript
raises its likelihood over a prompt without any (pointwise mutual information, which cancels how
common a title's words are, as in contextual calibration, arXiv 2102.09690); to that is added what
was heard of the title by sound (`hearing.py`), which knows brands that the model does not. The best
title wins if its evidence is enough, else there is no product.
Without a cart the model writes one line, `name; attribute, attribute` or "no product", and what it
writes is checked against the transcript by the worker.

With an adapter of ours (`liveshelf summarizer train`) prompt and evidence are the adapter's own:
`trained.py`.

What is sold changes within a window, so only its last seconds decide (`choice_ms`).

Measured with SmolLM2-135M-Instruct as it comes on 72 windows with carts of eight (19 without a
product; brands misheard, some only described), threshold fitted on one half, tested on the other:
likelihood gain alone .847 right, sound alone .917, both .944. Showing it the cart and asking for
one of it: .30. A window takes half a second of one core in bfloat16, a whole one in float32.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch

from models.adapter_folder import apply_adapter, read_record, version_of
from models.errors import TransientError
from workers.summarizers.chat_prompt import ChatPrompt
from workers.summarizers.composing import Composing
from workers.summarizers.examples import Domain, Lesson, lesson, told
from workers.summarizers.hearing import HearingOptions, heard
from workers.summarizers.language_model import (
    ends_of,
    load_language_model,
    pick_device,
    pick_dtype,
)
from workers.summarizers.likelihood import Likelihood
from workers.summarizers.prompt import CHOICE_INSTRUCTION, CHOICE_QUESTION, as_data, line_of
from workers.summarizers.protocol import CHOICE_MS, NO_PRODUCT, Broken, Draft, WindowText
from workers.summarizers.trained import TrainedAnswers, TrainedOptions, evidence_of

_TITLES_AT_ONCE = 16
_LONGEST_NAME_WORDS, _LONGEST_NAME_SIGNS = 16, 200
_WINDOWS_AT_ONCE = 8
_NONE_LINES = frozenset(
    {NO_PRODUCT, "none", "nothing", "no", "n/a", "没有商品", "没有", "无", "空", "无商品"}
)


@dataclass(frozen=True)
class CausalLMOptions:
    """How the model is run and when it is believed."""

    adapter: Path | None = None
    """Folder of a LoRA adapter for `peft`; none: the model as it is."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """`auto`: bfloat16 where the device computes in it, else float32."""
    max_new_tokens: int = 32
    """Longest line that the model may write."""
    max_transcript_tokens: int = 200
    """Of a window only its last tokens are read."""
    max_titles: int = 32
    """Of a larger cart only the titles that were heard best are put to the model."""
    chooses: bool = True
    """Whether the model chooses among the cart's titles; if not it writes, cart or no cart."""
    choice_ms: int = CHOICE_MS
    """How much of the window's end decides between titles."""
    domain: Domain = "general"
    """What the rooms sell: which examples the model is shown before it writes."""
    heard_weight: float = 16.0
    """Evidence in nats that a title heard with score 1 brings."""
    least_evidence: float = 7.5
    """Evidence below which no product is being sold, in nats; any value from 6.8 to 9.7 gets as
    many of the windows right that this was fitted on (67 of 72)."""
    hearing: HearingOptions = field(default_factory=HearingOptions)


def _load(folder: Path, options: CausalLMOptions) -> tuple[Any, Any]:
    device = pick_device(options.device)
    dtype = pick_dtype(options.dtype, device)
    # An adapter is merged where nothing is rounded yet, and its base is told by exact numbers.
    tokenizer, model = load_language_model(
        folder, dtype if options.adapter is None else torch.float32
    )
    if options.adapter is not None:
        model = apply_adapter(model, options.adapter).to(dtype)
    return tokenizer, model.to(device).eval()


class CausalLM:
    """A language model of this machine. Loads on construction; used from one thread at a time.

    Args:
        folder: of a model that `transformers` loads, with its tokenizer.
        name: what summaries call it.
        options: how it is run.

    Raises:
        WeightsError: the folder or the adapter cannot be loaded.
        MismatchError: the adapter was trained on another model.
    """

    rung: Literal["llm", "server", "extractive"] = "llm"

    def __init__(self, folder: Path, name: str, options: CausalLMOptions | None = None) -> None:
        self._options = options or CausalLMOptions()
        self._tokenizer, self._model = _load(folder, self._options)
        adapter = self._options.adapter
        record = read_record(adapter) if adapter is not None else None
        tuned = "" if adapter is None else f"+{adapter.name}"
        if adapter is not None and record is not None:
            # One of ours keeps its folder's name when it is trained anew, and is shown no examples.
            self.model = f"{name}{tuned}-{version_of(adapter)}/1"
        else:
            self.model = f"{name}{tuned}{told(self._options.domain)}/2"
        self._control = tuple(self._tokenizer.all_special_tokens)
        self.trained: TrainedAnswers | None = (
            TrainedAnswers(
                self._model,
                self._tokenizer,
                evidence_of(record.evidence),
                TrainedOptions(choice_ms=self._options.choice_ms, hearing=self._options.hearing),
            )
            if record is not None
            else None
        )
        """With an adapter of ours: what answers instead."""
        self._chat = ChatPrompt(self._tokenizer)
        head, self._tail = self._chat.around(CHOICE_INSTRUCTION, CHOICE_QUESTION)
        self._choosing = Likelihood(self._model, self._tokens(head), _TITLES_AT_ONCE)
        self._priors: dict[str, float] = {}
        self._lessons: dict[str, tuple[Composing, list[int]]] = {}

    def describe(self) -> str:
        """One line for people: model, device and number format chosen."""
        form = str(self._model.dtype).removeprefix("torch.")
        return f"{self.model} on {self._model.device}, {form}"

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        """Answer every window.

        Raises:
            TransientError: the device is short of memory for a moment.
        """
        chosen = [bool(one.titles) and self._options.chooses for one in windows]
        unwritten = [one for one, chooses in zip(windows, chosen, strict=True) if not chooses]
        try:
            written = iter(self._compose(unwritten))
            return [
                self._choose(one) if chooses else next(written)
                for one, chooses in zip(windows, chosen, strict=True)
            ]
        except torch.OutOfMemoryError as error:
            message = f"the summarizer's device is out of memory: {error}"
            raise TransientError(message) from error

    def _choose(self, whole: WindowText) -> Draft:
        if self.trained is not None:
            return self.trained.choose(whole)
        window = whole.latest(self._options.choice_ms)
        if not window.words:
            return Draft(None, raw_text=NO_PRODUCT)
        names = [title for _, title in window.titles]
        scores = heard(names, window.words, self._options.hearing)
        ranked = sorted(range(len(names)), key=lambda index: (-scores[index], index))
        asked = sorted(ranked[: self._options.max_titles])
        gains = self._gains(self._quoted(window), [names[index] for index in asked])
        evidence = {
            index: gain + self._options.heard_weight * scores[index]
            for index, gain in zip(asked, gains, strict=True)
        }
        best = max(evidence, key=evidence.__getitem__)
        if evidence[best] < self._options.least_evidence:
            return Draft(None, score=evidence[best], raw_text=NO_PRODUCT)
        product_id, title = window.titles[best]
        return Draft(title, product_id=product_id, score=evidence[best], raw_text=title)

    def _gains(self, quoted: list[int], titles: Sequence[str]) -> list[float]:
        """Return how much the transcript raises the log-likelihood of each title, in nats."""
        tokens = [self._tokens(as_data(title, self._control)) or [0] for title in titles]
        tail = self._tokens(self._tail)
        new = [index for index, title in enumerate(titles) if title not in self._priors]
        if new:
            priors = self._choosing.log_likelihoods(tail, [tokens[index] for index in new])
            self._priors.update(zip((titles[index] for index in new), priors, strict=True))
        after = self._choosing.log_likelihoods([*quoted, *tail], tokens)
        return [
            posterior - self._priors[title] for title, posterior in zip(titles, after, strict=True)
        ]

    def _compose(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        if self.trained is not None:
            return self.trained.compose(windows)
        by_language: dict[str, list[int]] = {}
        for at, window in enumerate(windows):
            language = lesson(self._options.domain, window.language).language
            by_language.setdefault(language, []).append(at)
        lines: dict[int, str] = {}
        for language, mine in by_language.items():
            composing, tail = self._taught(lesson(self._options.domain, language))
            for start in range(0, len(mine), _WINDOWS_AT_ONCE):
                part = mine[start : start + _WINDOWS_AT_ONCE]
                rests = [[*self._quoted(windows[at]), *tail] for at in part]
                for at, written in zip(part, composing.write(rests), strict=True):
                    lines[at] = self._tokenizer.decode(written, skip_special_tokens=True)
        return [read_line(lines[at]) for at in range(len(windows))]

    def _taught(self, texts: Lesson) -> tuple[Composing, list[int]]:
        """Return what writes in a language, and the tokens after the transcript; made once."""
        if texts.language not in self._lessons:
            turns = [(one.said, line_of(one.name, one.attributes)) for one in texts.examples]
            head, tail = self._chat.around(texts.instruction, texts.question, turns)
            composing = Composing(
                self._model,
                self._tokens(head),
                self._options.max_new_tokens,
                ends_of(self._model, self._tokenizer),
            )
            self._lessons[texts.language] = (composing, self._tokens(tail))
        return self._lessons[texts.language]

    def _quoted(self, window: WindowText) -> list[int]:
        tokens = self._tokens(as_data(window.text, (*self._control, ChatPrompt.mark)))
        return tokens[-self._options.max_transcript_tokens :]

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def read_line(line: str) -> Draft | Broken:
    """Return what a model's line says: `name; attribute, attribute`, or that there is none."""
    first = line.strip().partition("\n")[0].strip()
    name, _, rest = first.replace("；", ";").partition(";")
    name = name.strip(" \"'.。“”")
    if name.casefold() in _NONE_LINES:
        return Draft(None, raw_text=NO_PRODUCT)
    if not name or len(name.split()) > _LONGEST_NAME_WORDS or len(name) > _LONGEST_NAME_SIGNS:
        return Broken(line, "not one short line")
    parts = [part.strip(" .。") for part in re.split("[,，、]", rest)]
    return Draft(name, tuple(part for part in parts if part), raw_text=first)

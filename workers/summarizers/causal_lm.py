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

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch

from models.adapter_folder import apply_adapter, read_record, version_of
from models.branches.pretrained import without_progress_bar
from models.errors import TransientError, WeightsError
from workers.summarizers.hearing import HearingOptions, heard
from workers.summarizers.likelihood import Likelihood
from workers.summarizers.prompt import (
    EXAMPLES,
    INSTRUCTION,
    as_data,
    line_of,
    question_about,
)
from workers.summarizers.protocol import CHOICE_MS, NO_PRODUCT, Broken, Draft, WindowText
from workers.summarizers.trained import TrainedAnswers, TrainedOptions, evidence_of

_MARK = "\u241f"
"""Stands for the transcript while a chat template is filled in; speech never has this sign."""
_TITLES_AT_ONCE = 16
_LONGEST_NAME_WORDS = 16
_NONE_LINES = frozenset({NO_PRODUCT, "none", "nothing", "no", "n/a"})


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
    heard_weight: float = 16.0
    """Evidence in nats that a title heard with score 1 brings."""
    least_evidence: float = 7.5
    """Evidence below which no product is being sold, in nats; any value from 6.8 to 9.7 gets as
    many of the windows right that this was fitted on (67 of 72)."""
    hearing: HearingOptions = field(default_factory=HearingOptions)


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
        self.model = f"{name}/1"
        if adapter is not None:
            # One of ours keeps its folder's name when it is trained anew.
            version = f"-{version_of(adapter)}" if record is not None else ""
            self.model = f"{name}+{adapter.name}{version}/1"
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
        head, self._tail = self._around(())
        self._choosing = Likelihood(self._model, self._tokens(head), _TITLES_AT_ONCE)
        self._priors: dict[str, float] = {}

    def describe(self) -> str:
        """One line for people: model, device and number format chosen."""
        form = str(self._model.dtype).removeprefix("torch.")
        return f"{self.model} on {self._model.device}, {form}"

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        """Answer every window.

        Raises:
            TransientError: the device is short of memory for a moment.
        """
        try:
            return [self._write_one(window) for window in windows]
        except torch.OutOfMemoryError as error:
            message = f"the summarizer's device is out of memory: {error}"
            raise TransientError(message) from error

    def _write_one(self, window: WindowText) -> Draft | Broken:
        chooses = bool(window.titles) and self._options.chooses
        if self.trained is not None:
            return self.trained.choose(window) if chooses else self.trained.compose(window)
        return self._choose(window) if chooses else self._compose(window)

    def _choose(self, whole: WindowText) -> Draft:
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

    def _compose(self, window: WindowText) -> Draft | Broken:
        head, tail = self._around(EXAMPLES)
        prompt = [*self._tokens(head), *self._quoted(window), *self._tokens(tail)]
        rows = torch.tensor([prompt], device=self._model.device)
        with torch.inference_mode():
            written = self._model.generate(
                rows,
                attention_mask=torch.ones_like(rows),
                max_new_tokens=self._options.max_new_tokens,
                do_sample=False,
                pad_token_id=self._tokenizer.pad_token_id or 0,
            )
        line = self._tokenizer.decode(written[0, len(prompt) :], skip_special_tokens=True)
        return read_line(line)

    def _quoted(self, window: WindowText) -> list[int]:
        tokens = self._tokens(as_data(window.text, (*self._control, _MARK)))
        return tokens[-self._options.max_transcript_tokens :]

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _around(
        self, examples: Sequence[tuple[str, str | None, tuple[str, ...]]]
    ) -> tuple[str, str]:
        """Return the prompt before and after the transcript."""
        turns = [{"role": "system", "content": INSTRUCTION}]
        for transcript, name, attributes in examples:
            answer = line_of(name, attributes)
            turns.append({"role": "user", "content": question_about(transcript)})
            turns.append({"role": "assistant", "content": answer})
        turns.append({"role": "user", "content": question_about(_MARK)})
        head, _, tail = self._render(turns).partition(_MARK)
        return head, tail

    def _render(self, turns: list[dict[str, str]]) -> str:
        if self._tokenizer.chat_template is None:
            # A base model: the same turns as plain paragraphs.
            return "\n\n".join(turn["content"] for turn in turns) + "\n"
        from jinja2 import TemplateError

        def fill(filled: list[dict[str, str]]) -> str:
            return str(
                self._tokenizer.apply_chat_template(
                    filled, add_generation_prompt=True, tokenize=False
                )
            )

        try:
            return fill(turns)
        except TemplateError:
            # Some templates know no system turn: the instruction opens the first user turn.
            system, first, *others = turns
            opening = {"role": "user", "content": f"{system['content']}\n\n{first['content']}"}
            return fill([opening, *others])


def read_line(line: str) -> Draft | Broken:
    """Return what a model's line says: `name; attribute, attribute`, or that there is none."""
    first = line.strip().partition("\n")[0].strip()
    name, _, rest = first.partition(";")
    name = name.strip(" \"'.")
    if name.casefold() in _NONE_LINES:
        return Draft(None, raw_text=NO_PRODUCT)
    if not name or len(name.split()) > _LONGEST_NAME_WORDS:
        return Broken(line, "not one short line")
    attributes = tuple(part.strip(" .") for part in rest.split(",") if part.strip(" ."))
    return Draft(name, attributes, raw_text=first)

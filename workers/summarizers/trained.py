"""What a language model with an adapter of ours answers: a title of the cart, a line, or none.

With a cart the titles that were heard best stand in the prompt, and each is scored by how much
likelier the model finds it than `none`. The best of these gains says whether anything is being
sold at all; which title it is, gain and sound say together, for the model knows words and
`models.sounds` knows brands. Weight and threshold were fitted on validation pairs and belong to the
adapter. Without a cart the model writes one line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models import sounds
from workers.summarizers.composing import Composing
from workers.summarizers.hearing import HearingOptions, heard
from workers.summarizers.likelihood import Likelihood
from workers.summarizers.protocol import CHOICE_MS, NO_PRODUCT, Broken, Draft, WindowText
from workers.summarizers.trained_prompt import (
    HEAD,
    NONE,
    SHORTLIST,
    answer,
    choice_prompt,
    free_prompt,
    shortlisted,
)

_LONGEST_NAME_WORDS = 16


@dataclass(frozen=True)
class Choice:
    """The parts of the evidence for one title of a cart."""

    index: int
    """Of the title in the cart."""
    gain: float
    """How much likelier the model finds it than `none`, in nats."""
    sound: float
    """How much of it was heard, from 0 to 1."""


@dataclass(frozen=True)
class Evidence:
    """When a title of the cart is believed; stored with the adapter."""

    sound_weight: float = 256.0
    """Nats that a title of which everything was heard brings, against its neighbours."""
    least: float = 0.0
    """Gain of the likeliest title below which no product is being sold, in nats."""

    def best(self, choices: Sequence[Choice]) -> Choice:
        """Return which of several titles it is, if it is any."""
        return max(choices, key=lambda choice: choice.gain + self.sound_weight * choice.sound)


@dataclass(frozen=True)
class TrainedOptions:
    """How much is read and written."""

    choice_ms: int = CHOICE_MS
    """How much of the window's end is read; training windows are 6 to 14 s long."""
    max_transcript_tokens: int = 120
    """Of that only the last tokens are read."""
    max_new_tokens: int = 28
    """Longest line that the model may write."""
    shortlist: int = SHORTLIST
    """Titles that a prompt shows."""
    hearing: HearingOptions = field(default_factory=HearingOptions)


class TrainedAnswers:
    """Answers windows with an adapted model. Not safe for several threads."""

    def __init__(
        self, model: Any, tokenizer: Any, evidence: Evidence, options: TrainedOptions
    ) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._evidence, self._options = evidence, options
        self._control = tuple(tokenizer.all_special_tokens)
        self._end = int(tokenizer.eos_token_id)
        self._head = self._tokens(HEAD)
        self._likelihood = Likelihood(model, self._head, options.shortlist + 1)
        self._composing = Composing(model, (), options.max_new_tokens, (self._end,))
        self._none = [*self._tokens(answer(NONE)), self._end]

    def choose(self, whole: WindowText) -> Draft:
        """Return the title of the cart that is being sold at the window's end, or none."""
        found = self.choices(whole)
        gain = max((choice.gain for choice in found), default=None)
        if gain is None or gain < self._evidence.least:
            return Draft(None, score=gain, raw_text=NO_PRODUCT)
        product_id, title = whole.titles[self._evidence.best(found).index]
        return Draft(title, product_id=product_id, score=gain, raw_text=title)

    def choices(self, whole: WindowText) -> list[Choice]:
        """Return the evidence for the titles that were heard best; nothing without words."""
        window = whole.latest(self._options.choice_ms)
        if not window.words:
            return []
        names = [title for _, title in window.titles]
        scores = heard(names, window.words, self._options.hearing)
        asked = shortlisted(scores, self._options.shortlist)
        shown = [names[index] for index in asked]
        prompt = self._cut(window.text, lambda text: choice_prompt(shown, text, self._control))
        answers = [[*self._tokens(answer(name, self._control)), self._end] for name in shown]
        none, *found = self._likelihood.log_likelihoods(
            prompt[len(self._head) :], [self._none, *answers]
        )
        said = sounds.heard(window.text)
        return [
            Choice(index, value - none, sounds.contained(sounds.title_weights(name), said))
            for index, name, value in zip(asked, shown, found, strict=True)
        ]

    def compose(self, wholes: Sequence[WindowText]) -> list[Draft | Broken]:
        """Return the line that the model writes about each window's end, all at once."""
        windows = [whole.latest(self._options.choice_ms) for whole in wholes]
        prompts = [self._free(window) for window in windows if window.words]
        written = iter(self._composing.write(prompts))
        return [
            read_title(self._tokenizer.decode(next(written), skip_special_tokens=True))
            if window.words
            else Draft(None, raw_text=NO_PRODUCT)
            for window in windows
        ]

    def _free(self, window: WindowText) -> list[int]:
        return self._cut(window.text, lambda text: free_prompt(text, self._control))

    def _cut(self, text: str, prompt: Callable[[str], str]) -> list[int]:
        """Return the prompt's tokens with no more of the transcript than is read."""
        tokens = self._tokens(f" {text}")
        if len(tokens) > self._options.max_transcript_tokens:
            text = self._tokenizer.decode(tokens[-self._options.max_transcript_tokens :])
        return self._tokens(prompt(text))

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def read_title(line: str) -> Draft | Broken:
    """Return what an adapter's line says: a name, a size after a comma if one was said, or none."""
    first = line.strip().partition("\n")[0].strip()
    if first.casefold() == NONE:
        return Draft(None, raw_text=NO_PRODUCT)
    name, _, size = first.partition(", ")
    if not name or len(name.split()) > _LONGEST_NAME_WORDS:
        return Broken(line, "not one short line")
    # A brand is copied as it was heard, in the middle of a sentence.
    titled = " ".join(word[0].upper() + word[1:] for word in name.split())
    return Draft(titled, (size,) if size else (), raw_text=first)


def evidence_of(values: dict[str, float]) -> Evidence:
    """Return the evidence that an adapter's record holds; what is not in it is as by default."""
    known = ("sound_weight", "least")
    return Evidence(**{key: float(values[key]) for key in known if key in values})

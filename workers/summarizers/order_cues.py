"""Which words of a stream are orders to the machine that listens.

A stream is open to whoever speaks in it. A sentence that talks to a machine ("ignore previous
instructions", "the title is …") describes nothing on sale, so its words are no evidence and no
model is shown them. The cues are data (`order_cues.toml`); with the sentence goes what hangs on it:
the next one, where the name may stand that the order is about, and a bare name just before it.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workers.events import Word
from workers.summarizers.machine_talk import is_machine_talk
from workers.summarizers.sentences import Sentence, plain, sentences_of

_CUES = Path(__file__).with_name("order_cues.toml")
_BARE_SIGNS, _BARE_WORDS, _BARE_HAN = 32, 4, 8
_LONGEST_SENTENCE = 45
"""Words; where nobody set a stop, an order is what stands around its cue."""
_BEFORE_WORDS, _AFTER_WORDS = 8, 16


@dataclass(frozen=True)
class _Cues:
    sure: re.Pattern[str]
    asked: re.Pattern[str]
    """An answer that is asked for ..."""
    who: re.Pattern[str]
    """... and who is to give it, or that it is a command."""
    chat: re.Pattern[str]
    """That the audience is meant."""
    command: re.Pattern[str]
    """A verb of writing that begins a sentence."""


@cache
def _cues() -> tuple[_Cues, ...]:
    made = []
    for one in tomllib.loads(_CUES.read_text(encoding="utf-8")).values():
        groups = {name.upper(): one[name] for name in ("machine", "write", "thing")}

        def filled(cue: str, groups: dict[str, str] = groups) -> str:
            for name, group in groups.items():
                cue = cue.replace(name, group)
            return cue

        hints = {name: re.compile(filled(cue)) for name, cue in one["hints"].items()}
        who = re.compile("|".join((hints["machine"].pattern, hints["command"].pattern)))
        sure = re.compile("|".join(f"(?:{filled(cue)})" for cue in one["sure"]))
        command = re.compile(rf"^\W*(?:{one['write']})\b")
        made.append(_Cues(sure, hints["answer"], who, hints["chat"], command))
    return tuple(made)


def is_order(text: str) -> bool:
    """Return whether a sentence talks to a machine."""
    return _cue_in(plain(text)) is not None or is_machine_talk(text)


def _cue_in(text: str) -> tuple[int, int] | None:
    """Return where in a sentence the cue stands, if there is one."""
    for cues in _cues():
        if found := cues.sure.search(text):
            return found.span()
        asked = cues.asked.search(text)
        if asked and cues.who.search(text) and not cues.chat.search(text):
            return asked.span()
    return None


def _commands(sentence: Sentence) -> bool:
    return any(cues.command.match(sentence.text) for cues in _cues())


def words_of_orders(words: Sequence[Word]) -> frozenset[int]:
    """Return the indices of words that belong to orders; normally none."""
    found = sentences_of(words)
    ordered_in = [_ordered(sentence) for sentence in found]
    if not any(ordered_in):
        return frozenset()
    taken: set[int] = set()
    for at, sentence in enumerate(found):
        # Beside an order to a machine, "confirm with …" is not said to the audience.
        ordered = ordered_in[at] or (sentence.words if _commands(sentence) else ())
        if not ordered:
            continue
        taken.update(ordered)
        if at and _is_bare(found[at - 1]):
            taken.update(found[at - 1].words)
        if sentence.words[-1] in ordered:
            taken.update(*(one.words for one in found[at + 1 : at + 2]))
            if len(found) > at + 2 and _is_bare(found[at + 1]) and _is_bare(found[at + 2]):
                taken.update(found[at + 2].words)
    return frozenset(taken)


def _ordered(sentence: Sentence) -> Sequence[int]:
    """Return the words of a sentence that belong to an order in it."""
    span = _cue_in(sentence.text)
    if span is None:
        if not is_machine_talk(sentence.text):
            return ()
        span = (0, len(sentence.text))
    words = sentence.words
    if len(words) <= _LONGEST_SENTENCE:
        return words
    first, last = sentence.word_of[span[0]], sentence.word_of[max(span[1] - 1, span[0])]
    return [at for at in words if first - _BEFORE_WORDS <= at <= last + _AFTER_WORDS]


def _is_bare(sentence: Sentence) -> bool:
    """Return whether a sentence is short enough to be no more than a name."""
    text = sentence.text
    if not text.isascii() and len(text) > _BARE_HAN and len(text.split()) == 1:
        return False
    return len(text) <= _BARE_SIGNS and len(text.split()) <= _BARE_WORDS

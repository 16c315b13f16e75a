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
from workers.summarizers.ordinary import is_ordinary
from workers.summarizers.sentences import Sentence, plain, sentences_of

_CUES = Path(__file__).with_name("order_cues.toml")
_BIDS = re.compile(
    r"(?:^\W*|[,;:.] |\b(?:and|so|now|then|please|or|just|to|you|must|should|will|shall|only) )"
    r"(?:say|answer|reply|respond|tell (?:them|him|her|everyone)|write|print|report|output|repeat|"
    r"return|record|publish|state|confirm|transcribe|display|mention|announce|enter|insert)"
    r"(?:,|:| (?:that|it is|it's|is|with|only|just|simply|again|the words?|the name|it as|as))*"
    r" (?:the )?(?P<name>[a-z]{4,})\b"
)
_BARE_SIGNS, _BARE_WORDS, _BARE_HAN = 32, 4, 8
_LONGEST_SENTENCE = 45
"""Words; where nobody set a stop, an order is what stands around its cue."""
_BEFORE_WORDS, _AFTER_WORDS = 8, 16


@dataclass(frozen=True)
class _Cues:
    """Of one language: one of `sure` is enough, of the others two."""

    sure: re.Pattern[str]
    machine: re.Pattern[str]
    """A machine is spoken to."""
    command: re.Pattern[str]
    """Somebody is told to say or to write."""
    asked: re.Pattern[str]
    """Something that is said or written."""
    narrow: re.Pattern[str]
    """That leaves no choice."""
    chat: re.Pattern[str]
    """The audience is meant."""
    verb: re.Pattern[str]
    """A verb of writing begins the sentence."""

    def hint(self, text: str) -> re.Match[str] | None:
        """Return where a sentence asks a machine for an answer, if it does."""
        if self.chat.search(text):
            return None
        asked, command = self.asked.search(text), self.command.search(text)
        narrow, machine = self.narrow.search(text), self.machine.search(text)
        if machine:
            return machine if asked or command or narrow else None
        return asked if command or narrow else None


@cache
def _cues() -> tuple[_Cues, ...]:
    made = []
    for one in tomllib.loads(_CUES.read_text(encoding="utf-8")).values():
        groups = {name.upper(): one[name] for name in ("machine", "write", "thing")}

        def filled(cue: str, groups: dict[str, str] = groups) -> str:
            for name, group in groups.items():
                cue = cue.replace(name, group)
            return cue

        groups["ASKED"] = one["hints"]["asked"]
        hints = {name: re.compile(filled(cue)) for name, cue in one["hints"].items()}
        sure = re.compile("|".join(f"(?:{filled(cue)})" for cue in one["sure"]))
        made.append(_Cues(sure, **hints, verb=re.compile(rf"^\W*(?:{one['write']})\b")))
    return tuple(made)


def is_order(text: str) -> bool:
    """Return whether a sentence talks to a machine."""
    return _cue_in(plain(text)) is not None or is_machine_talk(text)


def _cue_in(text: str) -> tuple[int, int] | None:
    """Return where in a sentence the cue stands, if there is one."""
    for cues in _cues():
        if found := cues.sure.search(text) or cues.hint(text):
            return found.span()
    # "Say Nestorvia": hosts show, take and love a brand, they do not bid anyone to say it.
    for found in _BIDS.finditer(text):
        spared = any(cues.chat.search(text) for cues in _cues())
        if not spared and not is_ordinary(found["name"]):
            return found.span()
    return None


def _commands(sentence: Sentence) -> bool:
    return any(cues.verb.match(sentence.text) for cues in _cues())


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

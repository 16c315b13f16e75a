"""Which titles were heard in a stretch of speech, and where: token by token, by sound.

Speech recognition writes an unknown brand as words that sound like it, often in pieces ("vel mora",
"corvain"), so tokens are compared by their character and phonetic grams (`models.sounds`), and
with up to three spoken words joined; Chinese signs are alike when they are read alike (`pinyin`). A
title's tokens are weighed by how few titles of the cart have them (inverse document frequency):
among ten oat milks the brand decides. Pure text, no model.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from models.sounds import terms
from workers.events import Span, Word
from workers.summarizers.pinyin import syllables

_RUN = re.compile(r"[^\W\d_]+|\d+")
_APOSTROPHE = re.compile(r"['’]s?\b")
# Han, kana and hangul are written without spaces: one sign is one token.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are at by for from in is it its no of on or our pack pcs per set the this to "
        "with you your one two three l ml cl g kg mg cm mm m oz lb inch",
    )
)
_LONGEST_JOINED = 14
_SAME_SYLLABLES = 0.9
_GAP_WORDS = 2


@dataclass(frozen=True)
class HearingOptions:
    """How like two tokens must be, and how much later words count."""

    least_likeness: float = 0.35
    """Cosine of sound grams below which two tokens are strangers, from 0 to 1."""
    sharpness: float = 1.5
    """Likeness is raised to this power: above 1, few good matches beat many poor ones."""
    first_word_weight: float = 0.3
    """Weight of the window's first word; the last one has 1, for what is sold is what comes
    last."""


DEFAULT_HEARING = HearingOptions()


@dataclass(frozen=True)
class _Spoken:
    token: str
    first: int
    """Index of the first of the words that it was made of."""
    last: int


def tokens(text: str) -> list[str]:
    """Return a text's tokens: small letters, no punctuation, plural s off, signs one by one."""
    plain = _APOSTROPHE.sub("", unicodedata.normalize("NFKC", text).casefold())
    found: list[str] = []
    for run in _RUN.findall(plain):
        if _UNSPACED.search(run):
            found.extend(run)
        else:
            plural = len(run) > 3 and run.endswith("s") and not run.endswith("ss")
            found.append(run[:-1] if plural else run)
    return found


def is_unspaced(token: str) -> bool:
    """Return whether a token is of a script that is written without spaces."""
    return _UNSPACED.match(token) is not None


def content_tokens(title: str) -> list[str]:
    """Return what of a title can be recognised: content words, and pairs of unspaced signs."""
    found = tokens(title)
    words = [token for token in found if len(token) > 1]
    pairs = [
        left + right
        for left, right in pairwise(found)
        if _UNSPACED.match(left) and _UNSPACED.match(right)
    ]
    return [token for token in dict.fromkeys(words + pairs) if token not in _EMPTY_WORDS]


@lru_cache(maxsize=20_000)
def _sound(token: str) -> dict[int, float]:
    return terms(token)


@lru_cache(maxsize=100_000)
def likeness(one: str, other: str) -> float:
    """Return how alike two tokens sound, from 0 to 1; numbers are alike only when equal."""
    if one == other:
        return 1.0
    if is_unspaced(one) and is_unspaced(other):
        return _SAME_SYLLABLES if syllables(one) == syllables(other) else 0.0
    if one.isdigit() or other.isdigit() or len(one) < 3 or len(other) < 3:
        return 0.0
    left, right = _sound(one), _sound(other)
    return sum(weight * right.get(term, 0.0) for term, weight in left.items())


def _spoken(words: Sequence[Word]) -> list[_Spoken]:
    single = [
        _Spoken(token, index, index)
        for index, word in enumerate(words)
        for token in tokens(word.text)
    ]
    joined = list(single)
    for size in (2, 3):
        for start in range(len(single) - size + 1):
            parts = single[start : start + size]
            token = "".join(part.token for part in parts)
            if len(token) <= _LONGEST_JOINED and not token.isdigit():
                joined.append(_Spoken(token, parts[0].first, parts[-1].last))
    return [spoken for spoken in joined if spoken.token not in _EMPTY_WORDS]


def heard(
    titles: Sequence[str], words: Sequence[Word], options: HearingOptions = DEFAULT_HEARING
) -> list[float]:
    """Return for each title how much of it was heard: 0 for nothing, about 1 for two clear words.

    The score is the weighted sum of what was heard of the title's tokens over the root of what
    could have been: a long title half heard beats a short one half heard.
    """
    spoken = _spoken(words)
    sides = [content_tokens(title) for title in titles]
    holders = Counter(token for side in sides for token in side)
    top = math.log1p(len(titles))
    span = max(len(words) - 1, 1)
    scores = []
    for side in sides:
        got = could = 0.0
        for token in side:
            weight = math.log1p(len(titles) / holders[token]) / top
            best = max((_strength(token, said, span, options) for said in spoken), default=0.0)
            got += weight * best
            # A number that is not said counts for nothing: hosts rarely read out sizes.
            could += weight if best or not token.isdigit() else 0.0
        scores.append(got / math.sqrt(could) if could else 0.0)
    return scores


def _strength(token: str, said: _Spoken, span: int, options: HearingOptions) -> float:
    alike = likeness(token, said.token)
    if alike < options.least_likeness:
        return 0.0
    first = options.first_word_weight
    return float(alike**options.sharpness) * (first + (1 - first) * said.last / span)


def heard_tokens(
    wanted: Sequence[str], words: Sequence[Word], least_likeness: float
) -> frozenset[str]:
    """Return which of some tokens were said, in whatever order.

    Args:
        wanted: tokens of a name, as `content_tokens` gives them.
        words: what was said.
        least_likeness: how like a token a spoken word must be, from 0 to 1.
    """
    spoken = _spoken(words)
    return frozenset(
        token
        for token in wanted
        if any(likeness(token, said.token) >= least_likeness for said in spoken)
    )


def share_heard(name: str, words: Sequence[Word], least_likeness: float) -> float:
    """Return which share of a name's content tokens was said, in whatever order."""
    side = content_tokens(name)
    return len(heard_tokens(side, words, least_likeness)) / len(side) if side else 0.0


def support(
    name: str, words: Sequence[Word], options: HearingOptions = DEFAULT_HEARING
) -> tuple[Span, ...]:
    """Return where a name's tokens were said, neighbours joined to one span, in order of time."""
    spoken = _spoken(words)
    found: set[int] = set()
    for token in content_tokens(name):
        alike = [(likeness(token, said.token), said) for said in spoken]
        best = max((value for value, _ in alike), default=0.0)
        if best < options.least_likeness:
            continue
        for value, said in alike:
            if value >= best * 0.95:
                found.update(range(said.first, said.last + 1))
    spans: list[list[int]] = []
    for index in sorted(found):
        if spans and index - spans[-1][1] <= _GAP_WORDS:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    return tuple(_span(words[first : last + 1]) for first, last in spans)


def _span(words: Sequence[Word]) -> Span:
    return Span(
        start_ms=words[0].start_ms,
        end_ms=max(word.end_ms for word in words),
        text=" ".join(word.text.strip() for word in words),
    )

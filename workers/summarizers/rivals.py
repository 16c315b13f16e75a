"""Which words name something that is not sold: what the host compares with or warns of.

"Unlike Nestorvia chocolate, this one …": the name after such a cue is heard, and is no evidence.
After most cues all that stands before the kind's own word is taken, for speech recognition writes
brands as ordinary words; after weaker cues ("smells like") only words that are not ordinary. The
kind itself stays: what is compared is mostly of one kind with what is sold.
"""

import re
from collections.abc import Iterator, Sequence

from workers.events import Word
from workers.summarizers.hearing import tokens
from workers.summarizers.ordinary import is_ordinary
from workers.summarizers.sentences import Sentence, sentences_of

_SURE = re.compile(
    r"\b(?:unlike|instead of|rather than|compared (?:to|with|against)|in comparison (?:to|with)|"
    r"(?:better|worse|more \w+|less \w+|\w{3,}(?<!oth)(?<!rath)er) than|"
    r"not (?:at all |just )?like|(?:do not|don't|never|stop) buy(?:ing)?|"
    r"throw (?:away|out)|get rid of|used to (?:wear|use|have|buy|own|drink|eat)|"
    r"(?<!nobody )sen(?:d|ds|t) back|we (?:do not|don't) (?:have|sell|carry|stock)|versus|"
    r"your (?:old )?(?=(?:[\w'-]+ ){1,4}at home)|forget (?!about\b|the fact|to\b|it\b|that\b))\b"
)
_WEAK = re.compile(
    r"\b(?:(?:looks?|smells?|tastes?|feels?|just|something) like|don't use|do not use|skip|avoid|"
    r"from the other (?:stream|shop|store)|competitors? like|brands? like)\b"
)
_ASKED = re.compile(r"\b(?:ask(?:s|ed|ing)?(?: me| us)? (?:for|about)|looking for)\b")
_PRAISE = re.compile(r"\b(?:nothing|nobody|no one|never|none|anything|no other|hardly)\b")
_LEADING = frozenset(
    re.findall(r"\w+", "the a an any that those your my their old other all these")
)
_STOPS = frozenset(
    re.findall(
        r"\S+",
        "this these our here it its it's is are was were be but and or for that which who you "
        "we i they he she because so with at from in on of to as by does do did has have had "
        "will would can costs gets get now today tonight anymore again then there what when "
        "where how not no yes the a an my your their all every",
    )
)
_MOST_WORDS = 4
_UNSPACED = tuple(
    re.compile(cue)
    for cue in (
        r"(?:不像|相比|不同于|而不是)(?P<name>[^，。！？,]{2,10})",
        r"比(?P<name>[^，。！？,]{2,8}?)(?=更|还|好|便|轻|贵|大|小|强|快|软|舒)",
        r"(?:不要|别|不用)再?(?:买|选)(?P<name>[^，。！？,了]{2,10})",
        r"把(?:你们?)?家?里?的?(?P<name>[^，。！？,]{2,10}?)(?:扔|丢)",
        r"问(?P<name>[^，。！？,]{2,10})[，,]?没有",
        r"我们(?:今天)?没有(?P<name>[^，。！？,]{2,10})",
    )
)


def words_of_rivals(words: Sequence[Word]) -> frozenset[int]:
    """Return the indices of words that name what is compared with or warned of."""
    found = sentences_of(words)
    taken: set[int] = set()
    for sentence in found:
        for named, weak in _named(sentence, words):
            taken.update(_brand_of(named, words, weak=weak))
        for cue in _UNSPACED:
            for match in cue.finditer(sentence.text):
                start, name = match.start("name"), match["name"].rstrip()
                taken.update(sentence.word_of[start : start + len(name)])
    names = {token for at in taken for token in tokens(words[at].text)}
    for sentence in found:
        for cue_end in (match.end() for match in _ASKED.finditer(sentence.text)):
            after = _after(sentence, cue_end, words)
            taken.update(at for at in after if names.intersection(tokens(words[at].text)))
    return frozenset(taken)


def _named(sentence: Sentence, words: Sequence[Word]) -> Iterator[tuple[list[int], bool]]:
    for cue, weak in ((_SURE, False), (_WEAK, True)):
        for match in cue.finditer(sentence.text):
            clause = re.split(r"[,;:]", sentence.text[: match.end()])[-1]
            if not _PRAISE.search(clause.replace("never buy", "")):
                yield _after(sentence, match.end(), words), weak


def _after(sentence: Sentence, sign: int, words: Sequence[Word]) -> list[int]:
    """Return the words of the name that begins after a sign of the sentence."""
    named: list[int] = []
    passed = sentence.word_of[len(sentence.text[:sign].rstrip()) - 1]
    if _ends(words[passed]):
        return []
    for at in sentence.words[passed - sentence.first + 1 :]:
        said = tokens(words[at].text)
        word = words[at].text.strip(" .,!?;:\"'").casefold()
        if not said or (named and word in _STOPS) or (not named and word in _STOPS - _LEADING):
            break
        if named or word not in _LEADING:
            named.append(at)
        if _ends(words[at]) or len(named) == _MOST_WORDS:
            break
    return named


def _ends(word: Word) -> bool:
    return word.text.strip()[-1:] in {",", ".", "!", "?", ";", ":"}


def _brand_of(named: list[int], words: Sequence[Word], *, weak: bool) -> list[int]:
    """Return a name without the ordinary word for its kind at the end."""
    if not named:
        return []
    strange = [at for at in named if not all(map(is_ordinary, tokens(words[at].text)))]
    if weak:
        return strange
    *before, kind = named
    return [*before, *([kind] if kind in strange else [])]

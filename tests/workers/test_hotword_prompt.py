"""Hotwords as tokens: whole names, within the limit, of few lengths, of one room only."""

from hypothesis import given
from hypothesis import strategies as st

from workers.hotword_prompt import LENGTHS, hotword_tokens, names_of

NAMES = st.lists(
    st.text("abcdefghij ", min_size=1, max_size=30)
    .map(lambda text: " ".join(text.split()))
    .filter(bool),
    min_size=1,
    max_size=60,
    unique=True,
)


def encode(text: str) -> list[int]:
    """One token per letter: as bad as a tokenizer may be."""
    return [ord(sign) for sign in text]


def text_of(tokens: list[int]) -> str:
    return "".join(map(chr, tokens))


def test_names_stand_between_commas_once() -> None:
    assert names_of(" Oatly,dark  roast,, oatly , Barista ") == ["Oatly", "dark roast", "Barista"]
    assert names_of("") == []


def test_a_short_list_is_filled_up_with_itself() -> None:
    # 15 or 23 tokens = spaces │ names again, the last ones nearest │ the names themselves
    tokens = hotword_tokens(["rose", "tea"], encode, 223)
    assert text_of(tokens) == " tea," + " rose, tea"
    tokens = hotword_tokens(["rose", "tea", "oats"], encode, 223)
    assert text_of(tokens) == " " + " oats," + " rose, tea, oats"


def test_without_lengths_names_stay_as_they_are() -> None:
    assert text_of(hotword_tokens(["dark roast", "mocha"], encode, 223, ())) == " dark roast, mocha"


def test_a_name_beyond_the_limit_gives_none() -> None:
    assert hotword_tokens(["mocha"], encode, 4) == []
    assert hotword_tokens([], encode, 223) == []


@given(NAMES, st.integers(8, 223))
def test_names_are_whole_and_the_first_ones(names: list[str], limit: int) -> None:
    tokens = hotword_tokens(names, encode, limit, ())
    assert len(tokens) <= limit
    kept = names_of(text_of(tokens))
    assert text_of(tokens) == (" " + ", ".join(names[: len(kept)]) if kept else "")
    if len(kept) < len(names):
        assert len(encode(" " + ", ".join(names[: len(kept) + 1]))) > limit


@given(NAMES, st.integers(130, 223))
def test_lengths_are_few_and_all_words_are_the_rooms_own(names: list[str], limit: int) -> None:
    tokens = hotword_tokens(names, encode, limit)
    assert len(tokens) in {*LENGTHS, limit}
    own = hotword_tokens(names, encode, limit, ())
    assert tokens[len(tokens) - len(own) :] == own
    filler = text_of(tokens[: len(tokens) - len(own)])
    assert set(names_of(filler)) <= set(names_of(text_of(own)))
    assert hotword_tokens(names, encode, limit) == tokens

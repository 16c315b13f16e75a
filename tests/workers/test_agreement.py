"""LocalAgreement-2: what two passes agree on is committed, once, and never changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.agreement import Agreement, covered, key_of
from workers.events import Word

FAR_MS = 1_000_000


def words(text: str, from_ms: int = 0, each_ms: int = 500) -> tuple[Word, ...]:
    return tuple(
        Word(text=one, start_ms=from_ms + n * each_ms, end_ms=from_ms + (n + 1) * each_ms,
             probability=0.9)
        for n, one in enumerate(text.split())
    )  # fmt: skip


def text(some: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in some)


def hear(before: Agreement, said: str, sure_ms: int = FAR_MS) -> Agreement:
    return before.hear(words(said), from_ms=0, sure_ms=sure_ms)


def test_words_are_committed_when_a_second_pass_agrees() -> None:
    #   pass 1  this is the rad
    #   pass 2  this is the red mug    ->  this is the | red mug
    #   pass 3  this is the red mug of ->  this is the red mug | of
    one = hear(Agreement(), "this is the rad")
    assert (text(one.committed), text(one.tail)) == ("", "this is the rad")
    two = hear(one, "this is the red mug")
    assert (text(two.committed), text(two.tail)) == ("this is the", "red mug")
    three = hear(two, "this is the red mug of")
    assert (text(three.committed), text(three.tail)) == ("this is the red mug", "of")


def test_case_and_punctuation_do_not_matter_and_the_later_pass_is_kept() -> None:
    one = hear(Agreement(), "hello there")
    assert text(hear(one, "Hello, there. And").committed) == "Hello, there."
    assert [key_of(word) for word in words("$4.99, «Über-Größe» 你好。")] == [
        "499", "übergrösse", "你好",
    ]  # fmt: skip


def test_words_beyond_what_is_sure_wait_although_passes_agree() -> None:
    #   ends  .5 1.0 1.5 2.0       sure of 1.2 s
    one = hear(hear(Agreement(), "a b c d"), "a b c d", sure_ms=1_200)
    assert (text(one.committed), text(one.tail)) == ("a b", "c d")


def test_words_with_enough_sound_behind_them_do_not_wait_for_passes_to_agree() -> None:
    #   pass 1  the rad mug is
    #   pass 2  the red mug is nice    settled up to 1.0 s  ->  the red | mug is nice
    one = hear(Agreement(), "the rad mug is")
    two = one.hear(words("the red mug is nice"), from_ms=0, sure_ms=FAR_MS, settled_ms=1_000)
    assert (text(two.committed), text(two.tail)) == ("the red", "mug is nice")
    held = one.hear(words("the red mug is nice"), from_ms=0, sure_ms=800, settled_ms=1_000)
    assert (text(held.committed), text(held.tail)) == ("the", "red mug is nice")


def test_the_whole_utterance_keeps_what_is_committed_and_takes_the_rest() -> None:
    one = hear(hear(Agreement(), "the red mug"), "the red mug is")
    assert text(one.end(words("A bread mug is nice"), from_ms=0).committed) == (
        "the red mug is nice"
    )


def test_a_pass_that_hears_nothing_takes_nothing_back() -> None:
    one = hear(hear(Agreement(), "the red mug"), "the red mug")
    assert text(hear(one, "").committed) == "the red mug"
    assert text(one.end((), from_ms=0).committed) == "the red mug"


def test_a_new_word_never_begins_before_what_was_promised() -> None:
    one = hear(hear(Agreement(), "a b"), "a b")
    moved = one.hear(words("a b c d"), from_ms=1_700, sure_ms=FAR_MS).tail
    assert [(word.start_ms, word.end_ms) for word in moved] == [(1_700, 1_700), (1_700, 2_000)]


@pytest.mark.parametrize(
    ("said", "heard", "count"),
    [
        ("the red mug", "the red mug is", 3),
        ("the red mug", "red mug is nice", 2),  # a word was lost at the beginning
        ("the red mug", "look the red mug is", 4),  # or is found now
        ("no no no", "no no no no no", 3),  # times decide between equal words
        ("a", "", 0),
        ("", "a b", 0),
    ],
)
def test_what_is_committed_is_found_again_word_by_word(said: str, heard: str, count: int) -> None:
    assert covered(words(said), words(heard)) == count


def test_two_words_heard_as_one_are_found_again_by_their_end() -> None:
    one = words("hotdog", each_ms=1_000) + words("stand", from_ms=1_000)
    assert covered(words("hot dog"), one) == 1


vocabulary = st.lists(st.sampled_from("abcde"), max_size=9).map(" ".join)


@given(st.lists(vocabulary, max_size=6), vocabulary, st.integers(0, 6_000))
def test_committed_text_only_grows_and_the_end_is_that_of_the_last_pass(
    passes: list[str], last: str, sure_ms: int
) -> None:
    now = Agreement()
    for one in passes:
        later = hear(now, one, sure_ms)
        assert later.committed[: len(now.committed)] == now.committed
        assert all(word.end_ms <= sure_ms for word in later.committed)
        now = later
    whole = now.end(words(last), from_ms=0).committed
    assert whole[: len(now.committed)] == now.committed
    new = text(whole[len(now.committed) :]).split()
    assert new == last.split()[len(last.split()) - len(new) :]
    assert [word.start_ms for word in whole] == sorted(word.start_ms for word in whole)

"""What the shipped table was counted over: the same texts from the same seed, nothing measured."""

from itertools import islice

from models import sounds
from models.rarity import SHIPPED, fit_rarity, from_json, shipped_rarity, to_json
from workers.rooms.rarity_texts import rarity_texts


def test_the_same_seed_gives_the_same_texts_and_another_others() -> None:
    first, again, other = (list(rarity_texts(seed, 3)) for seed in (1, 1, 2))
    assert first == again
    assert not set(first) & set(other)
    # More shows go on where fewer ended.
    assert list(islice(rarity_texts(1, 6), len(first))) == first


def test_titles_and_talk_come_in_equal_parts() -> None:
    texts = list(rarity_texts(1, 5))
    lengths = [len(text.split()) for text in texts]
    assert max(lengths) == 25
    titles = [text for text in texts if len(text.split()) < 12]
    assert len(texts) * 0.4 < len(titles) < len(texts) * 0.6


def test_the_shipped_table_is_of_this_form_and_of_such_texts() -> None:
    told = SHIPPED.read_text(encoding="utf-8")
    assert to_json(from_json(told, "shipped")) == told
    few = fit_rarity(sounds.heard(text) for text in rarity_texts(1, 30))
    # What is common in a few shows is common in a thousand.
    common = [term for term, count in few.counts.items() if count > few.texts / 3]
    assert len(common) > 20
    shipped = shipped_rarity()
    assert all(shipped.counts[term] > shipped.texts / 5 for term in common)

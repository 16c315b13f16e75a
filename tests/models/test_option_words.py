"""Options of a layout from KEY=VALUE."""

import pytest

from models.errors import InputError
from models.formats.fashion import FashionOptions
from models.formats.rope import RopeOptions
from models.option_words import assigned


def test_values_take_the_type_of_their_defaults() -> None:
    words = ["test=true", "most_frames=8", "val_share=0.5", "prefix=", "files.page_titles=t.txt"]
    found = assigned(RopeOptions(), words)
    assert (found.test, found.most_frames, found.val_share, found.prefix) == (True, 8, 0.5, "")
    assert found.files.page_titles == "t.txt"
    assert found.test_files == RopeOptions().test_files


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("test", "'test': want KEY=VALUE"),
        ("test=yes", "'yes' is no bool"),
        ("most_frames=few", "'few' is no int"),
        ("speed=1", "'speed' is none of prefix, files, test"),
        ("files=a", "want one of its own options"),
        ("prefix.a=b", "'a' is none of nothing"),
    ],
)
def test_a_wrong_option_is_named(word: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        assigned(RopeOptions(), [word])


def test_a_choice_is_one_of_its_words() -> None:
    assert assigned(FashionOptions(), ["photo_on=live"]).photo_on == "live"
    with pytest.raises(InputError, match="'both' is none of page, live"):
        assigned(FashionOptions(), ["photo_on=both"])

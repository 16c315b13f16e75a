"""Word error rate of many files, and by how much two listeners differ on the same ones.

In: words said and words heard. Out: errors over words said, all files together; differences with an
interval by a paired bootstrap over files (Bisani and Ney 2004), of which half are easy and half are
hard for both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import InputError
from models.paired import Difference, paired_difference
from models.segment_scores import edit_distance


@dataclass(frozen=True)
class WordErrors:
    """Of one file."""

    errors: int
    """Words put in, left out and exchanged."""
    words: int
    """That were said."""


def word_errors(said: Sequence[str], heard: Sequence[str]) -> WordErrors:
    """Return how far what was heard is from what was said."""
    return WordErrors(edit_distance(said, heard), len(said))


def error_rate(files: Sequence[WordErrors]) -> float:
    """Return the errors of all files over their words.

    Raises:
        InputError: nothing was said in any of them.
    """
    words = sum(one.words for one in files)
    if not words:
        message = f"no word is said in {len(files)} files; a rate of errors needs some"
        raise InputError(message)
    return sum(one.errors for one in files) / words


def rate_difference(first: Sequence[WordErrors], second: Sequence[WordErrors]) -> Difference:
    """Return the error rate of `first` less that of `second`, with a 95 % interval.

    Args:
        first: one value a file.
        second: of the same files in the same order.

    Raises:
        InputError: nothing was said in any of them.
    """
    counts = [one.words for one in first]
    if not sum(counts) or counts != [one.words for one in second]:
        message = f"{len(first)} and {len(second)} files do not say the same words, or none at all"
        raise InputError(message)
    files = np.repeat(np.arange(len(counts)), counts)
    one, other = (
        # Each word bears its file's rate, so that the mean over words is the rate of all files.
        np.repeat([errors.errors / max(1, errors.words) for errors in some], counts)[None]
        for some in (first, second)
    )
    return paired_difference(one, other, files)

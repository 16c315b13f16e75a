"""A word of the command line that is one of a few."""

from typing import TypeVar

from models.errors import InputError

Word = TypeVar("Word", bound=str)


def one_of(flag: str, value: str, known: tuple[Word, ...]) -> Word:
    """Return the value as one of the known words.

    Args:
        flag: what it was given for.
        value: what was given.
        known: what may be given.

    Raises:
        InputError: it is none of them.
    """
    if value not in known:
        message = f"{flag} {value}: want one of {', '.join(known)}"
        raise InputError(message)
    return known[known.index(value)]

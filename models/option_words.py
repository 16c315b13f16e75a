"""Options from KEY=VALUE, as the command line has them.

In: a dataclass of options with their defaults. Out: one like it, changed. `KEY.KEY=VALUE` reaches
into options of options; truths are written `true` and `false`.
"""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import NamedTuple, TypeVar, cast, get_args

from models.errors import InputError

Options = TypeVar("Options")
_TRUTHS = {"true": True, "false": False}


def assigned(options: Options, assignments: Sequence[str], example: str = "") -> Options:
    """Return options with values set, in whatever order they are given.

    Args:
        options: to begin with.
        assignments: KEY=VALUE words; of one key, the last counts.
        example: of such a word, for the message to those who wrote another.

    Raises:
        InputError: a key is unknown, a value is of another type, or the values do not fit together.
    """
    words: list[_Word] = []
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            shown = f", for instance {example}" if example else ""
            message = f"option {assignment!r}: want KEY=VALUE{shown}"
            raise InputError(message)
        words.append(_Word(key, key.split("."), value))
    return cast("Options", _changed(options, words))


class _Word(NamedTuple):
    whole: str
    """The key as it was written."""
    keys: list[str]
    """What is left of it in the options at hand."""
    value: str


def _changed(options: object, words: Sequence[_Word]) -> object:
    """Return options changed at once, so that what they check of each other holds at the end."""
    known = {item.name: item for item in fields(options)} if is_dataclass(options) else {}
    fresh: dict[str, object] = {}
    inner: dict[str, list[_Word]] = {}
    for whole, keys, value in words:
        if isinstance(options, type) or keys[0] not in known:
            names = ", ".join(known) or "nothing: there is nothing to set"
            message = f"option {whole}: {keys[0]!r} is none of {names}"
            raise InputError(message)
        if len(keys) > 1:
            inner.setdefault(keys[0], []).append(_Word(whole, keys[1:], value))
            continue
        fresh[keys[0]] = read = _read(getattr(options, keys[0]), value, whole)
        choices = get_args(known[keys[0]].type)
        if choices and read not in choices:
            message = f"option {whole}: {value!r} is none of {', '.join(map(str, choices))}"
            raise InputError(message)
    for name, further in inner.items():
        fresh[name] = _changed(getattr(options, name), further)
    return replace(options, **fresh) if fresh else options  # type: ignore[type-var]


def _read(old: object, value: str, whole: str) -> object:
    try:
        if isinstance(old, bool):
            return _TRUTHS[value]
        if isinstance(old, int | float | str):
            return type(old)(value)
    except (KeyError, ValueError) as error:
        message = f"option {whole}: {value!r} is no {type(old).__name__}"
        raise InputError(message) from error
    message = f"option {whole}: want one of its own options, as in {whole}.NAME=VALUE"
    raise InputError(message)

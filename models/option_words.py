"""Options from KEY=VALUE, as the command line has them.

In: a dataclass of options with their defaults. Out: one like it, changed. `KEY.KEY=VALUE` reaches
into options of options; truths are written `true` and `false`.
"""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast, get_args

from models.errors import InputError

Options = TypeVar("Options")
_TRUTHS = {"true": True, "false": False}


def assigned(options: Options, assignments: Sequence[str], example: str = "") -> Options:
    """Return options with values set.

    Args:
        options: to begin with.
        assignments: KEY=VALUE words.
        example: of such a word, for the message to those who wrote another.

    Raises:
        InputError: a key is unknown, or a value is of another type.
    """
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            shown = f", for instance {example}" if example else ""
            message = f"option {assignment!r}: want KEY=VALUE{shown}"
            raise InputError(message)
        options = cast("Options", _set(options, key.split("."), value, key))
    return options


def _set(options: object, keys: list[str], value: str, whole: str) -> object:
    known = {item.name: item for item in fields(options)} if is_dataclass(options) else {}
    if isinstance(options, type) or keys[0] not in known:
        names = ", ".join(known) or "nothing: there is nothing to set"
        message = f"option {whole}: {keys[0]!r} is none of {names}"
        raise InputError(message)
    old: object = getattr(options, keys[0])
    if len(keys) > 1:
        fresh = _set(old, keys[1:], value, whole)
    else:
        fresh = _read(old, value, whole)
        choices = get_args(known[keys[0]].type)
        if choices and fresh not in choices:
            message = f"option {whole}: {value!r} is none of {', '.join(map(str, choices))}"
            raise InputError(message)
    return replace(options, **{keys[0]: fresh})  # type: ignore[type-var]


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

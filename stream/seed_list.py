"""Seeds as people write them: `7`, `201-230`, `201,205,210-212`."""

from models.errors import InputError

_MOST = 10_000


def seeds_of(words: str, flag: str = "--seed") -> tuple[int, ...]:
    """Return the seeds that a list names, in its order, each once; none for an empty list.

    Args:
        words: the list.
        flag: what it was given for.

    Raises:
        InputError: it is no such list.
    """
    seeds: list[int] = []
    for part in (one.strip() for one in words.split(",") if words.strip()):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            message = f"{flag} {words}: want numbers such as 7, 201-230 or 201,205"
            raise InputError(message)
        begin, end = int(first), int(last) if dash else int(first)
        if not 0 <= end - begin < _MOST:
            message = f"{flag} {words}: {part} is no range of 1 to {_MOST} seeds"
            raise InputError(message)
        seeds += range(begin, end + 1)
    return tuple(dict.fromkeys(seeds))

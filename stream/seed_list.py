"""Seeds as people write them: `7`, `201-230`, `201,205,210-212`."""

from models.errors import InputError

_MOST = 10_000


def seeds_of(words: str) -> tuple[int, ...]:
    """Return the seeds that a list names, in its order, each once.

    Raises:
        InputError: it is no such list.
    """
    seeds: list[int] = []
    for part in (one.strip() for one in words.split(",")):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            message = f"--seed {words}: want numbers such as 7, 201-230 or 201,205"
            raise InputError(message)
        begin, end = int(first), int(last) if dash else int(first)
        if not 0 <= end - begin < _MOST:
            message = f"--seed {words}: {part} is no range of 1 to {_MOST} seeds"
            raise InputError(message)
        seeds += range(begin, end + 1)
    return tuple(dict.fromkeys(seeds))

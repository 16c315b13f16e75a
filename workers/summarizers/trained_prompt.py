"""The prompt that the summarizer's adapter is trained on: short, and the same when it is used.

With titles the answer is one of them, without it is a line that the model writes; either can be
`none`. What a host or a seller says is data here as anywhere: it cannot open a line of its own.
"""

from collections.abc import Sequence

from workers.summarizers.prompt import as_data

NONE = "none"
HEAD = "Titles:"
"""What every prompt with titles begins with; read once and kept."""
SHORTLIST = 5
"""Titles that a prompt shows: those that were heard best."""


def free_prompt(transcript: str, control_tokens: Sequence[str] = ()) -> str:
    """Return the prompt after which the model writes a title."""
    return f"Transcript: {as_data(transcript, control_tokens)}\nProduct:"


def choice_prompt(
    titles: Sequence[str], transcript: str, control_tokens: Sequence[str] = ()
) -> str:
    """Return the prompt after which the model repeats one of the titles."""
    listed = " |".join(answer(title, control_tokens) for title in titles)
    return f"{HEAD}{listed}\n{free_prompt(transcript, control_tokens)}"


def answer(title: str, control_tokens: Sequence[str] = ()) -> str:
    """Return a title, or `NONE`, as the model writes it after its prompt."""
    return f" {as_data(title, control_tokens).replace('|', '/')}"


def shortlisted(scores: Sequence[float], most: int = SHORTLIST) -> list[int]:
    """Return the indices of the highest scores, in their own order."""
    ranked = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
    return sorted(ranked[:most])

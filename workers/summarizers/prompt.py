"""What a language model is asked, with the speech of a stream quoted as data.

Whatever a host says, or a seller writes into a title, stays inside quotation marks of a user turn:
control tokens of chat formats are taken out of it, and quotation marks and line breaks with them,
so that no text from a stream can end its turn or open another. What a model still makes of an order
that it reads there is caught afterwards: by the choice among fixed titles, or because a product
that was not said is refused.
"""

import re
from collections.abc import Sequence

from workers.summarizers.protocol import NO_PRODUCT

CHOICE_INSTRUCTION = "You write the title of the product in the shop."
CHOICE_QUESTION = (
    'The host of a live shopping stream says: "{said}"\nWhat is the title of this product?'
)
"""Under which a model that was not trained for it finds a title likely; the evidence that it takes
was fitted on these words. What it is told before it writes is in `examples.toml`."""
_CONTROL = re.compile(r"<\|[^<>]*\|>|</?s>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>")
_BREAKS = re.compile(r"\s+")


def as_data(text: str, control_tokens: Sequence[str] = ()) -> str:
    """Return a text that can stand between quotation marks in a prompt and mean nothing there.

    Args:
        text: of a stream or a catalogue.
        control_tokens: further texts that the model's tokenizer treats as control.
    """
    before = None
    # What is left of two halves around a control token can be one: until nothing changes.
    while text != before:
        before = text
        text = _CONTROL.sub(" ", text)
        for token in control_tokens:
            text = text.replace(token, " ")
    return _BREAKS.sub(" ", text.replace('"', "'")).strip()


def line_of(name: str | None, attributes: Sequence[str]) -> str:
    """Return the one line that a model is asked to write."""
    if name is None:
        return NO_PRODUCT
    return f"{name}; {', '.join(attributes)}" if attributes else name

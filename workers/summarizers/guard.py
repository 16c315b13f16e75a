"""What a back end may see of a window, and what is believed of its answer.

Speech is open to whoever speaks. Orders to the machine and names of what is not sold are taken out
before a back end reads the window, and an answer must rest on what is left: on words that were
said, lines on the screen, or the cart. Code decides, whatever a model was told or made of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from workers.events import Word
from workers.summarizers.faithful import terms_heard, terms_written, without_ground
from workers.summarizers.hearing import content_tokens
from workers.summarizers.machine_talk import is_machine_talk
from workers.summarizers.order_cues import is_order, words_of_orders
from workers.summarizers.protocol import Broken, Draft, WindowText
from workers.summarizers.rivals import words_of_rivals

_LEAST_GROUNDED = 2


@dataclass(frozen=True)
class GuardOptions:
    """What counts as said."""

    least_likeness: float = 0.5
    """How like a term of a name a spoken word must be, from 0 to 1."""


@dataclass(frozen=True)
class Guarded:
    """A window, and which of its words are no evidence."""

    whole: WindowText
    orders: frozenset[int] = frozenset()
    """Indices of words that talk to a machine."""
    rivals: frozenset[int] = frozenset()
    """Indices of words that name what is not sold."""
    lines: tuple[str, ...] = ()
    """Of the screen, without those that talk to a machine."""

    @cached_property
    def shown(self) -> WindowText:
        """The window as a back end may see it."""
        if not self.orders and not self.rivals and self.lines == self.whole.screen_lines:
            return self.whole
        withheld = self.orders | self.rivals
        words = tuple(word for at, word in enumerate(self.whole.words) if at not in withheld)
        return replace(self.whole, words=words, screen_lines=self.lines)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What was withheld."""
        found = (
            ("order_heard", bool(self.orders)),
            ("order_on_screen", self.lines != self.whole.screen_lines),
            ("rival_heard", bool(self.rivals)),
        )
        return tuple(verdict for verdict, is_so in found if is_so)

    def said(self, indices: Iterable[int]) -> tuple[Word, ...]:
        """Return some of the window's words, in order."""
        return tuple(self.whole.words[at] for at in sorted(indices))


def guard(window: WindowText) -> Guarded:
    """Find what of a window is no evidence."""
    lines = tuple(line for line in window.screen_lines if not is_order(line))
    orders = words_of_orders(window.words)
    return Guarded(window, orders, words_of_rivals(window.words) - orders, lines)


def believed(guarded: Guarded, draft: Draft, options: GuardOptions | None = None) -> Draft | Broken:
    """Return an answer as it is believed, or why it is not.

    A written name loses words that have no ground, if its first word, mostly the brand, and one
    more have one: models mend what was misheard ("green bomb tea"), and a part of a name that was
    said finds more than none.
    """
    refused = refusal(guarded, draft, options)
    if refused is None or refused.verdict != "not_said" or guarded.orders:
        return draft if refused is None else refused
    trimmed = _trimmed(guarded, draft, options or GuardOptions())
    return refused if trimmed is None else trimmed


def _trimmed(guarded: Guarded, draft: Draft, options: GuardOptions) -> Draft | None:
    name = draft.product_name or ""
    grounded = _grounded(guarded, name, options.least_likeness)
    terms = content_tokens(name)
    if len(grounded) < _LEAST_GROUNDED or terms[0] not in grounded:
        return None
    kept = [word for word in name.split() if grounded.issuperset(content_tokens(word))]
    while kept and not content_tokens(kept[-1]):
        kept.pop()
    shorter = replace(draft, product_name=" ".join(kept).strip(" ,;"))
    return shorter if refusal(guarded, shorter, options) is None else None


def refusal(guarded: Guarded, draft: Draft, options: GuardOptions | None = None) -> Broken | None:
    """Return why an answer is not believed; none when it is.

    An answer that names no product is always believed.
    """
    name = draft.product_name
    if name is None:
        return None
    titles = guarded.whole.titles
    if draft.product_id is not None and (draft.product_id, name) not in titles:
        return Broken(draft.raw_text, "product is not in the cart", "not_in_cart")
    if draft.product_id is None and is_order(name):
        return Broken(draft.raw_text, "the name talks to a machine", "machine_talk")
    likeness = (options or GuardOptions()).least_likeness
    verdict = _withheld(guarded, name, likeness)
    if verdict is not None:
        return Broken(draft.raw_text, f"product was named by {verdict} words only", verdict)
    said = content_tokens(name) and not without_ground(name, _grounded(guarded, name, likeness))
    if draft.product_id is not None or said:
        return None
    return Broken(draft.raw_text, "product name was not said", "not_said")


def _evident(guarded: Guarded, name: str, likeness: float) -> frozenset[str]:
    """Return the terms of a name that were said or stand on the screen."""
    heard = terms_heard(name, guarded.shown.words, likeness)
    return heard | terms_written(name, guarded.lines)


def _grounded(guarded: Guarded, name: str, likeness: float) -> frozenset[str]:
    """Return the terms of a name that have a ground; beside an order the cart is none."""
    evident = _evident(guarded, name, likeness)
    if guarded.orders:
        return evident
    return evident | terms_written(name, [title for _, title in guarded.whole.titles])


def _withheld(guarded: Guarded, name: str, likeness: float) -> str | None:
    """Return which kind of withheld words a name rests on, if it does."""
    if not guarded.orders and not guarded.rivals:
        return None
    grounded = _evident(guarded, name, likeness)
    ordered = terms_heard(name, guarded.said(guarded.orders), likeness)
    # Who gives orders may name a product by its number; then nothing but evidence counts.
    if guarded.orders and (ordered - grounded or not grounded):
        return "order"
    if terms_heard(name, guarded.said(guarded.rivals), likeness) - grounded:
        return "rival"
    return None


def attributes_said(
    guarded: Guarded, attributes: Sequence[str], options: GuardOptions | None = None
) -> tuple[str, ...]:
    """Return the attributes of which every term was said or stands on the screen."""
    likeness = (options or GuardOptions()).least_likeness
    kept = []
    for attribute in attributes:
        grounded = _evident(guarded, attribute, likeness)
        if grounded and not without_ground(attribute, grounded) and not is_machine_talk(attribute):
            kept.append(attribute)
    return tuple(kept)

"""A second collection beside the one that serves: the same products through another encoder.

In: the serving collection, a builder of the other encoder, and products from wherever they are
known. Out: a shadow with exactly the products that are served, checked, to which the alias may
move. What changes in the serving collection meanwhile is caught up with before the alias moves and
once more after, since the live catalogue writes to the old one until its process has the new
encoder. Nothing here removes a collection: vectors of the old encoder still find theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from models.errors import MismatchError, TransientError
from workers.index_build import BuildReport, IndexBuilder
from workers.index_check import verify
from workers.index_schema import Build
from workers.served import Contents, Served

_ROUNDS = 20
_MOST_NAMED = 3


@dataclass(frozen=True)
class Caught:
    """What was caught up with."""

    written: int
    removed: int


class Shadow:
    """One move from a serving collection to that of another encoder."""

    def __init__(self, served: Served, builder: IndexBuilder) -> None:
        """Keep what is needed.

        Args:
            served: what the alias points to.
            builder: of the other encoder; must not move the alias itself.
        """
        self._served = served
        self._index = served.index
        self._builder = builder

    def build(self) -> Iterator[BuildReport]:
        """Embed all that is served; yields a report after every batch.

        What was embedded before is not embedded again, so that a stopped build goes on.

        Raises:
            MismatchError: a product that is served cannot be embedded.
        """
        products = self._served.products(sorted(self._served.ids()))
        skipped = []
        for report in self._builder.build(products):
            skipped = report.skipped
            yield report
        if skipped:
            first = [f"{one.product_id}: {one.reason}" for one in skipped[:_MOST_NAMED]]
            message = (
                f"{len(skipped)} of {len(products)} products that are served cannot be embedded "
                f"anew, so nothing was moved: {'; '.join(first)}"
            )
            raise MismatchError(message)

    def catch_up(self, before: Contents) -> tuple[Contents, Caught]:
        """Bring to the shadow what changed in the serving collection.

        Args:
            before: what was served when the shadow was last equal to it, or earlier.

        Returns:
            What is served now, and so is in the shadow; and how much had changed.

        Raises:
            TransientError: the catalogue changes faster than it can be embedded.
            BadEventError: a changed product cannot be embedded.
        """
        written = removed = 0
        for _ in range(_ROUNDS):
            now = self._served.contents()
            changed = sorted(name for name, content in now.items() if before.get(name) != content)
            gone = sorted(before.keys() - now.keys())
            if not changed and not gone:
                return now, Caught(written, removed)
            for product in self._served.products(changed):
                self._builder.upsert(product)
            for name in gone:
                self._builder.delete(name)
            written, removed, before = written + len(changed), removed + len(gone), now
        message = (
            f"the catalogue still changed in the last of {_ROUNDS} passes ({written} products "
            "written); try again when it changes less"
        )
        raise TransientError(message)

    def check(self, target: Build) -> dict[str, int]:
        """Return the counts of a shadow that may serve.

        Raises:
            MismatchError: it lacks products, has others, or does not find them.
        """
        served = self._served.ids()
        there = self._index.ids(target.fingerprint)
        for what, names in (("lacks", served - there), ("still has", there - served)):
            if names:
                message = (
                    f"the shadow {what} {len(names)} of {len(served)} products, for instance "
                    f"{sorted(names)[:_MOST_NAMED]}; nothing was moved"
                )
                raise MismatchError(message)
        wrong = [one for one in verify(self._index, target, target.fingerprint) if not one.ok]
        if wrong:
            told = "; ".join(f"{one.name}: {one.detail}" for one in wrong)
            message = f"the shadow {target.collection} cannot serve ({told}); nothing was moved"
            raise MismatchError(message)
        return {"served": len(served), "shadow": len(there)}

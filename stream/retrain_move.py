"""Last part of a retraining: what is served into a shadow collection, then the alias; and back.

In: a trained checkpoint that the gate let pass. Out: the alias on its collection. The live path
looks up a vector in the collection of the vector's own encoder, so that nothing is refused while
the alias moves; workers take the new encoder up when they start with it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from models import sounds
from models.calibrate import index_version
from models.checkpoint import Checkpoint, folder_of, load_checkpoint
from models.errors import MismatchError
from stream.endpoints import find_index
from stream.retrain_bars import counted
from stream.retrain_order import SERVED, TRAINED, RetrainFolder, RetrainOrder
from stream.retrain_topics import stored_products
from stream.settings import Settings, with_encoder
from stream.stages.loading import index_builder, open_index
from workers.catalogue import read_catalogue
from workers.decision import refuse_mismatch, threshold_of
from workers.events import Product
from workers.image_fetch import FetchOptions
from workers.images import ImageSource
from workers.index import ProductIndex
from workers.index_build import BuildOptions
from workers.retrain_ledger import Entry, Ledger, Side
from workers.served import Served
from workers.shadow import Shadow


class Mover:
    """Moves the alias from what serves to a new checkpoint."""

    def __init__(
        self,
        settings: Settings,
        order: RetrainOrder,
        folder: RetrainFolder,
        new: Path,
        say: Callable[[str], None],
    ) -> None:
        """Keep what is needed; nothing is asked yet.

        Args:
            settings: name the encoder that serves.
            order: where products are known from.
            folder: of the retraining.
            new: checkpoint folder that shall serve.
            say: told in words what is done.
        """
        self._settings = settings
        self._order = order
        self._folder = folder
        self._new = new
        self._say = say

    @cached_property
    def _index(self) -> ProductIndex:
        return open_index(self._settings, find_index(self._settings))

    @cached_property
    def served(self) -> Served:
        """What serves, or served when the move began."""
        if self._folder.has(SERVED):
            build = self._index.about(str(self._folder.read(SERVED)["fingerprint"]))
        else:
            build = self._index.current()
        return Served(self._index, build, self._offers, picture_source(self._order))

    def refuse_other(self, fingerprint: str) -> None:
        """Refuse when the alias points neither to this encoder nor to where this run moved it.

        Raises:
            MismatchError: it does not.
        """
        current = self._index.current()
        known = {fingerprint}
        if self._folder.has(SERVED):
            known.add(str(self._folder.read(TRAINED)["fingerprint"]))
        if current.fingerprint not in known:
            message = (
                f"encoder {self._settings.models.encoder!r} is {fingerprint[:16]}, but the index "
                f"serves {current.fingerprint[:16]} ({current.encoder}); name that one by --from, "
                "or index with this one first"
            )
            raise MismatchError(message)

    def refuse_unready(self, old: Checkpoint) -> None:
        """Refuse a checkpoint that lacks what the old one tells the live path.

        Raises:
            MismatchError: a threshold is missing, or of another encoder or another index than the
                one to be built, or heard names would no longer count.
        """
        fingerprint = str(self._folder.read(TRAINED)["fingerprint"])
        new = load_checkpoint(self._new)
        wanted = [one.scope for one in old.calibrations] or ["catalogue"]
        lacking = [scope for scope in wanted if new.threshold(scope, fingerprint) is None]
        if lacking:
            message = (
                f"the new checkpoint has no threshold for scope {', '.join(lacking)}: there were "
                f"too few validation clips to fit one; {self._fit}"
            )
            raise MismatchError(message)
        weights = new.sounds_weight_of(fingerprint)
        silent = [one for one in old.sounds_weights if one.weight and one.scope not in weights]
        if silent and not self._order.without_sounds:
            scopes = ", ".join(f"{one.scope} {one.weight:g}" for one in silent)
            message = (
                f"the old checkpoint says how much a heard name counts ({scopes}), the new one "
                f"does not, so names would count nothing; {self._fit} (or --without-sounds)"
            )
            raise MismatchError(message)
        # Refused here, and not by the live path once the alias has moved.
        version = index_version(fingerprint, sounds.version(), weights)
        rules = {one.scope: threshold_of(one) for one in new.calibrations}
        refuse_mismatch(rules, fingerprint, version, "")

    @property
    def _fit(self) -> str:
        return (
            f"run `liveshelf rooms fit ROOMS --catalogue CATALOGUE --encoder {self._new} --write`, "
            "then this command again"
        )

    def sides(self) -> tuple[Side, Side]:
        """Return what serves and what shall serve."""
        old = self.served.build
        fingerprint = str(self._folder.read(TRAINED)["fingerprint"])
        known = {one.fingerprint: one for one in self._index.builds()}
        new = known.get(fingerprint)
        name = lasting_name(self._settings.models.encoder)
        return (
            Side(name, old.fingerprint, old.collection, old.build_id),
            Side(
                str(self._new),
                fingerprint,
                new.collection if new is not None else "",
                new.build_id if new is not None else "",
            ),
        )

    def move(self) -> dict[str, Any]:
        """Embed what is served into a shadow and move the alias to it; return counts.

        Raises:
            MismatchError: the shadow is not whole; the alias stays.
            TransientError: Milvus is away, or the catalogue changes too fast.
        """
        settings = with_encoder(self._settings, str(self._new))
        builder = index_builder(
            settings,
            self._index,
            BuildOptions(activate=False, source=picture_source(self._order)),
        )
        shadow = Shadow(self.served, builder)
        if not self._folder.has(SERVED):
            fingerprint = self.served.build.fingerprint
            told = {"fingerprint": fingerprint, "contents": self.served.contents()}
            self._folder.write(SERVED, told)
        with counted("embedding the catalogue") as tell:
            for report in shadow.build():
                tell(report.done, report.total)
        now, caught = shadow.catch_up(dict(self._folder.read(SERVED)["contents"]))
        target = self._index.about(str(self._folder.read(TRAINED)["fingerprint"]))
        counts = shadow.check(target)
        self._index.activate(target)
        self._say(f"the alias points to {target.collection}")
        _, late = shadow.catch_up(now)
        return {
            "products": counts["shadow"],
            "changed_meanwhile": caught.written + caught.removed,
            "changed_during_the_move": late.written + late.removed,
        }

    def _offers(self) -> Sequence[Mapping[str, Product]]:
        known: list[Mapping[str, Product]] = []
        if self._order.live:
            known.append(asyncio.run(stored_products(self._settings)))
        if self._order.catalogue is not None:
            read = read_catalogue(self._order.catalogue)
            known.append({one.product_id: one for one in read.products})
        return known


def picture_source(order: RetrainOrder) -> ImageSource:
    """Return where pictures of products may come from."""
    return ImageSource(fetch=FetchOptions(allow_private=order.allow_private))


def roll_back(settings: Settings, ledger: Ledger, now: Callable[[], datetime], who: str) -> Entry:
    """Move the alias back to what served before the last retraining; return what was written.

    Raises:
        MismatchError: no retraining moved it to where it is, or the old collection is empty.
    """
    index = open_index(settings, find_index(settings))
    current = index.current()
    done = ledger.before(current.fingerprint)
    target = index.about(done.old.fingerprint)
    old, new = index.ids(target.fingerprint), index.ids(current.fingerprint)
    if not old:
        message = f"{target.collection} holds no product any more, so it cannot serve again"
        raise MismatchError(message)
    index.activate(target)
    entry = Entry(
        when=now().isoformat(timespec="seconds"),
        who=who,
        what="rolled back",
        old=done.new,
        new=done.old,
        run=done.run,
        figures={
            "products": len(old),
            "added_since": len(new - old),
            "deleted_since": len(old - new),
        },
    )
    ledger.append(entry)
    return entry


def lasting_name(encoder: str) -> str:
    """Return an encoder's name as it is understood from any folder."""
    folder = folder_of(encoder)
    own = folder == Path(encoder) and folder.is_dir()
    return str(folder.resolve()) if own else encoder

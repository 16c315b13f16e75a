"""A retraining from feedback to the moved alias, step by step; a killed one goes on where it was.

collect → train → examine old and new on the frozen set → embed into a shadow → move the alias. The
alias is touched by the last step alone, when everything before has said yes.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from models.checkpoint import Checkpoint, pretrained_names
from models.errors import MismatchError, SettingsError
from models.formats.layout import manifest_at
from models.frozen import frozen_fingerprint, refuse_shared
from models.gate import Answers, Difference, compare, from_json, to_json, worse
from models.gate_exam import answers
from models.licences import licences_of
from models.manifest import Manifest
from models.manifest_merge import load_merged
from models.retrain_start import go_on_from, retrain_options, started_from
from models.train_folder import CHECKPOINT, RunFacts, describe, finish
from stream.pull_bars import pull_bars
from stream.retrain_bars import counted, training
from stream.retrain_collect import collect
from stream.retrain_move import Mover, lasting_name
from stream.retrain_order import TRAINED, RetrainFolder, RetrainOrder, unchanging
from stream.revision import code_revision
from stream.settings import Settings, with_encoder
from stream.stages.loading import load_encoder
from stream.weights import pull_options, registry_of, weights_dir
from workers.retrain_ledger import Entry, Ledger, What

Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What came of a retraining."""

    moved: bool
    reasons: tuple[str, ...]
    """Why the new encoder was refused."""
    differences: tuple[Difference, ...]
    collected: dict[str, Any]
    checkpoint: str
    fingerprint: str


class Retraining:
    """One retraining; `run` may be called again after any end."""

    def __init__(
        self,
        settings: Settings,
        order: RetrainOrder,
        ledger: Ledger,
        now: Callable[[], datetime],
        say: Say,
    ) -> None:
        self._order = order
        self._folder = RetrainFolder(order.folder)
        self._frozen = manifest_at(order.frozen, order.frozen_texts)
        self._frozen_hash = frozen_fingerprint(self._frozen)
        self._told = {**unchanging(order), "frozen_fingerprint": self._frozen_hash}
        start = self._folder.started_with(self._told) or order.start or settings.models.encoder
        self._settings = with_encoder(settings, start)
        # Whatever loads an encoder for the live path leaves half of the cores to others.
        self._threads = torch.get_num_threads()
        self._ledger, self._now, self._say = ledger, now, say
        self._mover = Mover(self._settings, order, self._folder, self._new, say)

    def run(self) -> Outcome:
        """Do what is not done yet.

        Raises:
            MismatchError: encoder, index and thresholds do not belong together.
            LiveShelfError: a step cannot be done; what was done before stays.
        """
        done = self._done()
        if done and done[-1].what != "refused":
            message = (
                f"the retraining in {self._folder.path} was {done[-1].what} at {done[-1].when}; "
                "name another --folder for another one"
            )
            raise MismatchError(message)
        self._refuse_disagreement()
        self._folder.clear()
        self._say("collecting what was said")
        collected = collect(
            self._settings, self._order, self._folder, self._mover.served, self._say
        )
        self._folder.begin(self._told, lasting_name(self._settings.models.encoder))
        self._train()
        differences = compare(*self._examined())
        reasons = worse(differences, self._order.allow_drop)
        if reasons:
            if not done:
                self._note("refused", differences, {})
            return self._outcome(reasons, differences, collected)
        self._mover.refuse_unready(self._start)
        self._note("moved", differences, self._mover.move())
        return self._outcome([], differences, collected)

    def _done(self) -> list[Entry]:
        """Return what the ledger says of the encoder in this folder."""
        if not self._folder.has(TRAINED):
            # Nothing, even if another retraining had a folder of this name.
            return []
        made = str(self._folder.read(TRAINED)["fingerprint"])
        run = str(self._folder.path.resolve())
        return [
            one
            for one in self._ledger.entries()
            if one.run == run and made in (one.old.fingerprint, one.new.fingerprint)
        ]

    @cached_property
    def _start(self) -> Checkpoint:
        return started_from(self._settings.models.encoder)

    @property
    def _new(self) -> Path:
        return (self._folder.train / CHECKPOINT).resolve()

    def _refuse_disagreement(self) -> None:
        """Refuse when the settings name another encoder or threshold than what serves."""
        self._pull()
        given = self._settings.match.threshold
        if given is not None:
            message = (
                f"match.threshold is set to {given:g}, but a threshold belongs to the encoder that "
                "it was fitted with, and another encoder would get the same; unset it"
            )
            raise SettingsError(message)
        fingerprint = load_encoder(self._settings).fingerprint
        for one in self._start.calibrations:
            self._start.threshold(one.scope, fingerprint)
        self._mover.refuse_other(fingerprint)
        known = [one.frozen for one in self._ledger.entries() if one.frozen]
        if known and known[-1] != self._frozen_hash and not self._order.new_frozen:
            message = (
                f"the frozen set is {self._frozen_hash[:16]}, but the last retraining was examined "
                f"on {known[-1][:16]}; use that one, or say --new-frozen if the change is meant"
            )
            raise MismatchError(message)

    def _pull(self) -> None:
        registry, cache = registry_of(self._settings), weights_dir(self._settings)
        known = {entry.name for entry in registry.entries}
        with pull_bars() as tell:
            for name in known.intersection(pretrained_names(self._settings.models.encoder)):
                if registry.glance(name, cache).state != "ok":
                    registry.pull(name, cache, pull_options(self._settings), tell)

    def _train(self) -> None:
        manifest = load_merged(self._folder.collected)
        refuse_shared(manifest, self._frozen)
        if self._folder.has(TRAINED):
            return
        options = retrain_options(self._start, self._order.options)
        cache = weights_dir(self._settings)
        what = f"Feedback of {_rooms(manifest)} rooms, gone on from {self._start.config.name}"
        licences = licences_of(self._start.config, registry_of(self._settings))
        facts = RunFacts(self._order.name, what, code_revision(), cache, licences=licences)
        describe(self._folder.train, facts, options, manifest)
        trainer = go_on_from(self._start, manifest, options, registry_of(self._settings), cache)
        self._say(f"training {trainer.total_steps} steps")
        torch.set_num_threads(self._threads)
        with training(self._say) as tell:
            standing = trainer.run(self._folder.train, tell, time.monotonic)
        report = finish(trainer, standing, manifest, self._folder.train, facts)
        self._folder.write(TRAINED, {"fingerprint": report["fingerprint"]})

    def _examined(self) -> tuple[Answers, Answers]:
        return (
            self._answers("answers-old.json", self._settings),
            self._answers("answers-new.json", with_encoder(self._settings, str(self._new))),
        )

    def _answers(self, name: str, settings: Settings) -> Answers:
        path = self._folder.path / name
        if not path.is_file():
            encoder = load_encoder(settings)
            with counted(f"examining {encoder.config.name}") as tell:
                found = answers(encoder, self._frozen, self._frozen_hash, tell)
            fresh = path.with_suffix(".new")
            fresh.write_text(to_json(found), encoding="utf-8")
            fresh.replace(path)
        return from_json(path.read_text(encoding="utf-8"), str(path))

    def _note(
        self, what: What, differences: tuple[Difference, ...], figures: dict[str, Any]
    ) -> None:
        old, new = self._mover.sides()
        self._ledger.append(
            Entry(
                when=self._now().isoformat(timespec="seconds"),
                who=self._order.who,
                what=what,
                old=old,
                new=new,
                run=str(self._folder.path.resolve()),
                frozen=self._frozen_hash,
                figures={"exam": [asdict(one) for one in differences], **figures},
            )
        )

    def _outcome(
        self, reasons: list[str], differences: tuple[Difference, ...], collected: dict[str, Any]
    ) -> Outcome:
        return Outcome(
            not reasons,
            tuple(reasons),
            differences,
            collected,
            str(self._new),
            str(self._folder.read(TRAINED)["fingerprint"]),
        )


def _rooms(manifest: Manifest) -> int:
    return len({row.stream_id for row in manifest.rows} - {None})

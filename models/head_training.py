"""Fresh projections and head on frozen branches: seconds where a whole training takes an hour.

In: branches, a manifest, and which words may be read. Out: an encoder for each choice of words and
seed. Pictures go through the frozen image network once, each in some varied views, and so does each
text; what is trained then sees vectors only. A training of its own for every row of an ablation and
every seed is so within reach of two cores. It must not look at any split but `train`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.augment import AugmentOptions, augment, draw_stray
from models.batch import Sample
from models.branches.image import ImageBranch
from models.branches.text import TextBranch
from models.branches.vision import VisionBranch
from models.by_domain import routed
from models.config import EncoderConfig, FusionConfig
from models.dataset import Drawn
from models.encoder import Branches, Encoder
from models.errors import InputError
from models.manifest import Manifest, Row
from models.objective import Labels, LossOptions, labels_of, objective
from models.optimiser import schedule
from models.pictures import open_picture
from models.preprocess import Tokenizer
from models.row_texts import TextChoice, shown_texts
from models.sampler import Sampler, SamplerOptions
from models.trained import Spoken, TrainedNetworks

Tell = Callable[[int, int], None]
_CHUNK = 8


@dataclass(frozen=True)
class HeadOptions:
    """How projections and heads are trained."""

    steps: int = 400
    """Of each training."""
    views: int = 4
    """Variations of each picture, the first being the picture as it is."""
    rate: float = 2e-3
    """Largest learning rate."""
    decay: float = 0.05
    """Weight decay of matrices."""
    warm_up: float = 0.05
    """Share of the steps in which the rate rises."""
    hidden: float = 0.1
    """Share of the samples with both picture and words that lack their words for a step, and as
    large a share that lack their picture."""
    sampler: SamplerOptions = field(default_factory=SamplerOptions)
    loss: LossOptions = field(default_factory=LossOptions)
    augment: AugmentOptions = field(default_factory=AugmentOptions)

    def __post_init__(self) -> None:
        if self.steps < 1 or self.views < 1:
            message = f"steps {self.steps} and views {self.views} should be 1 or more"
            raise InputError(message)
        if not 0.0 <= self.hidden <= 0.5:
            message = f"hidden is {self.hidden}, but must be from 0 to 0.5"
            raise InputError(message)


class FrozenBranches(NamedTuple):
    """What is not trained."""

    image: ImageBranch | VisionBranch
    text: TextBranch
    tokenizer: Tokenizer


class _Words(NamedTuple):
    """What the frozen text network says of R rows."""

    vectors: Tensor
    """(R, D_text), zero without text."""
    there: Tensor
    """(R,) bool."""


class HeadTrainer:
    """Trains heads for one manifest; pictures and texts are encoded once for all of them."""

    def __init__(
        self,
        branches: FrozenBranches,
        config: EncoderConfig,
        manifest: Manifest,
        options: HeadOptions,
        tell: Tell,
    ) -> None:
        """Encode the pictures that are trained on.

        Args:
            branches: frozen.
            config: of the encoders to be made.
            manifest: pages, and live clips of split train.
            options: how is trained.
            tell: hears how many pictures are encoded, of how many.

        Raises:
            InputError: the settings ask for something that is not a head.
        """
        if config.temporal.layers or config.text.trained or config.sharing == "separate":
            message = "with frozen branches there is no temporal layer, trained text or own branch"
            raise InputError(message)
        self._branches, self._config = branches, config
        self._manifest, self._options = manifest, options
        raw = replace(config, fusion=FusionConfig(kind="concat"))
        parts = Branches(
            branches.image, branches.image.dim, branches.text, branches.text.dim, branches.tokenizer
        )
        self._raw = Encoder(raw, parts, "frozen branches", (), "cpu")
        clips = [row for row in manifest.live("train") if row.product_id is not None]
        self._clips, self._pages = clips, list(manifest.pages)
        rows = [*clips, *self._pages]
        self._place = {row: at for at, row in enumerate(rows)}
        self._seen = self._look_at(rows, tell)
        self._has_image = torch.tensor([bool(row.frames) for row in rows])
        self._said: dict[str, Tensor] = {}

    def train(self, choice: TextChoice, seed: int) -> Encoder:
        """Return an encoder whose heads learnt from what `choice` lets them read.

        The same choice and seed give the same bits.
        """
        options, words = self._options, self._read(choice)
        sampler = Sampler(self._manifest, options.sampler, seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            networks = TrainedNetworks(self._branches.image, self._branches.text, self._config)
        networks.requires_grad_(requires_grad=True)
        for branch in (networks.image.branch, networks.text.branch):
            branch.requires_grad_(requires_grad=False)
        networks.eval()
        optimiser = _optimiser(networks, options)
        for number in range(options.steps):
            for group in optimiser.param_groups:
                group["lr"] = options.rate * schedule(number / options.steps, options.warm_up)
            said, labels = self._step(networks, sampler, number, words, seed)
            optimiser.zero_grad()
            torch.autograd.backward(objective(said, labels, options.loss)["loss"])
            optimiser.step()
        networks.requires_grad_(requires_grad=False)
        made = Branches.trained(networks, self._branches.tokenizer)
        return Encoder(self._config, made, f"heads of seed {seed}", (), "cpu")

    def _step(
        self, networks: TrainedNetworks, sampler: Sampler, number: int, words: _Words, seed: int
    ) -> tuple[Spoken, Labels]:
        step = sampler.step(number)
        rows = [*[row for row in step.live if row.product_id is not None], *step.pages]
        at = torch.tensor([self._place[row] for row in rows])
        draw = np.random.default_rng([seed, number, 11])
        view = torch.from_numpy(draw.integers(len(self._seen), size=len(rows)))
        there = torch.stack([self._has_image[at], words.there[at]], dim=1)
        # One draw decides, so that no sample loses both.
        fate = torch.from_numpy(draw.random(len(rows)))
        both = there.all(dim=1)
        there[:, 0] &= ~(both & (fate < self._options.hidden))
        there[:, 1] &= ~(both & (fate > 1.0 - self._options.hidden))
        drawn = [Drawn(Sample(row.domain), *[row.product_id] * 3) for row in rows]
        labels = labels_of(drawn, sampler.products, 1.0, seed)
        image = networks.image.project(self._seen[view, at], labels.domain)
        text = networks.text.project(words.vectors[at], labels.domain)
        image, text = image * there[:, :1], text * there[:, 1:]
        fused = routed(networks.gate, image, text, there, domain=labels.domain)
        return Spoken(image, text, fused.vectors, there), labels

    def _look_at(self, rows: Sequence[Row], tell: Tell) -> Tensor:
        """Return (V, R, D_image): what the image network says of each view, zero without one."""
        found = []
        total = self._options.views * len(rows)
        for view in range(self._options.views):
            vectors = []
            for start in range(0, len(rows), _CHUNK):
                some = rows[start : start + _CHUNK]
                samples = [
                    Sample(row.domain, self._view(row, start + at, view))
                    for at, row in enumerate(some)
                ]
                vectors.append(self._raw.parts(samples).image)
                tell(view * len(rows) + start + len(some), total)
            found.append(torch.from_numpy(np.concatenate(vectors)))
        return torch.stack(found)

    def _view(self, row: Row, at: int, view: int) -> tuple[Image.Image, ...]:
        """Return the row's pictures as they are, or one of them varied."""
        paths = self._manifest.paths(row)
        if not view or not paths:
            return tuple(open_picture(path) for path in paths)
        draw = np.random.default_rng([at, view])
        options = self._options.augment
        options = options.gentle() if row.domain == "page" else options
        image = self._config.image
        crop = image.crop if image.fit == "centre" else 1.0
        side_px = round(max(image.height_px, image.width_px) / crop)
        picture = open_picture(paths[int(draw.integers(len(paths)))])
        return (augment(picture, side_px, draw_stray(side_px, options, draw)),)

    def _read(self, choice: TextChoice) -> _Words:
        texts = lent(self._clips, shown_texts(self._manifest, self._clips, "train", choice))
        texts += shown_texts(self._manifest, self._pages, "train", choice)
        for text in texts:
            if text is not None and text not in self._said:
                parts = self._raw.parts([Sample("page", (), text)])
                self._said[text] = torch.from_numpy(parts.text[0])
        nothing = torch.zeros(self._branches.text.dim)
        vectors = [nothing if text is None else self._said[text] for text in texts]
        return _Words(torch.stack(vectors), torch.tensor([text is not None for text in texts]))


def lent(clips: Sequence[Row], texts: Sequence[str | None]) -> list[str | None]:
    """Return the texts; a clip that nobody spoke over takes those of its product's others in turn.

    What was spoken and not understood is lent too: as none.

    Args:
        clips: rows.
        texts: what may be read of each.
    """
    spoken: dict[str | None, list[str | None]] = {}
    for row, text in zip(clips, texts, strict=True):
        if row.transcript is not None:
            spoken.setdefault(row.product_id, []).append(text)
    turn: Counter[str | None] = Counter()
    found = []
    for row, text in zip(clips, texts, strict=True):
        known = spoken.get(row.product_id)
        if row.transcript is not None or not known:
            found.append(text)
            continue
        found.append(known[turn[row.product_id] % len(known)])
        turn[row.product_id] += 1
    return found


def _optimiser(networks: TrainedNetworks, options: HeadOptions) -> torch.optim.Optimizer:
    learning = [one for one in networks.parameters() if one.requires_grad]
    groups: list[dict[str, Any]] = [
        {
            "params": [one for one in learning if (one.ndim > 1) == decays],
            "weight_decay": options.decay if decays else 0.0,
        }
        for decays in (True, False)
    ]
    return torch.optim.AdamW(groups, lr=options.rate)

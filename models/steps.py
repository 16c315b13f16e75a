"""The tensors of a run's steps, each a pure function of seed and number for all its processes.

Every process draws a whole step, which is cheap, and opens the pictures of its own share only:
samples r, r + W, … of process r of W. One step is prepared in a thread while another is taken.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from models.batch import Batch
from models.config import EncoderConfig
from models.dataset import Drawer
from models.growth import side_at
from models.manifest import Manifest
from models.objective import Labels, labels_of
from models.pictures import open_picture
from models.preprocess import Tokenizer, to_batch
from models.sampler import Sampler
from models.train_options import TrainOptions

_PICTURES = 4_000
"""Decoded pictures that are kept; 256 px each, they take under a gigabyte."""


@dataclass(frozen=True)
class Share:
    """Which samples of a step are this process's."""

    first: int = 0
    """The process's number, from 0."""
    of: int = 1
    """How many processes there are."""


class Steps:
    """Batches and labels by number."""

    def __init__(
        self,
        manifest: Manifest,
        tokenizer: Tokenizer,
        config: EncoderConfig,
        options: TrainOptions,
        share: Share,
    ) -> None:
        self.sampler = Sampler(manifest, options.sampler, options.seed)
        self.total = max(1, round(options.epochs * self.sampler.steps_per_epoch))
        """Batches of a run that is not ended by the clock."""
        self._manifest = manifest
        self._tokenizer = tokenizer
        self._config = config
        self._options = options
        self._share = share
        self._read = lru_cache(_PICTURES)(open_picture)
        self._looks = lru_cache(1)(self._look)

    def batch(self, number: int) -> tuple[Batch, Labels]:
        """Return this process's share of a step, and the labels of all of it."""
        step = self.sampler.step(number)
        options, share = self._options, self._share
        config, drawer = self._looks(side_at(number, self.total, options))
        draw = np.random.default_rng([options.seed, number, 7])
        drawn = drawer.step(step, draw)
        seed = int(draw.integers(2**62))
        own = [one.sample for one in drawn[share.first :: share.of]]
        batch = to_batch(own, self._tokenizer, config)
        return batch, labels_of(drawn, self.sampler.products, options.loss.centre_share, seed)

    @contextmanager
    def ahead(self, first: int) -> Iterator[Iterator[tuple[Batch, Labels]]]:
        """Yield batches from a number on; one is prepared while another is taken."""
        with ThreadPoolExecutor(1, "prepare") as pool:

            def batches() -> Iterator[tuple[Batch, Labels]]:
                number = first
                waiting = [pool.submit(self.batch, number), pool.submit(self.batch, number + 1)]
                while True:
                    yield waiting.pop(0).result()
                    number += 1
                    waiting.append(pool.submit(self.batch, number + 1))

            try:
                yield batches()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _look(self, side_px: int) -> tuple[EncoderConfig, Drawer]:
        """Return how pictures of a side are made ready and drawn."""
        small = replace(self._config.image, height_px=side_px, width_px=side_px)
        config = replace(self._config, frames=self._options.draw.frames, image=small)
        return config, Drawer(self._manifest, self._options.draw, small, self._read)

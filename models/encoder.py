"""The encoder: pages, short videos and live clips become unit vectors of one space.

In: samples. Out: (B, D) float32. Index and live stream load it by the same name and must get the
same fingerprint. On a CPU every picture and text goes through its network alone, so that a vector
is the same to the last bit whatever else was in the batch, and so that a picture seen again (clips
overlap, hosts stand still) costs nothing; it is also faster there than batches.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from models import preprocess
from models.apart import Apart, fused_apart
from models.batch import Batch, BranchVectors, Sample
from models.branches.dual import dual_config, load_dual_branches
from models.branches.text import load_tokenizer
from models.by_domain import routed
from models.calibrate import Calibration
from models.checkpoint import (
    PRESETS,
    Checkpoint,
    fingerprint,
    folder_of,
    identity_of,
    load_checkpoint,
)  # fmt: skip
from models.config import EncoderConfig
from models.device import device_of
from models.encoder_branches import Branches, load_branches, on_cpu
from models.errors import InputError
from models.fusion import Floats, Layout, mean_of_frames, prefix_of
from models.pretrained import Pretrained
from models.registry import Registry

__all__ = ["ZERO_SHOT", "Branches", "Encoder", "load_encoder", "presets"]
ZERO_SHOT = "zero-shot:"
"""Put before the name or folder of a SigLIP or CLIP model, it makes an encoder of it."""
_REMEMBERED = 1_024
"""Pictures and texts whose vectors are kept; a few megabytes."""
_GPU_BATCH = 32


class Encoder(Pretrained):
    """Samples to vectors. Not for several threads at once."""

    def __init__(
        self,
        config: EncoderConfig,
        branches: Branches,
        identity: str,
        calibrations: tuple[Calibration, ...] = (),
        device: str = "auto",
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.config = config
        self.checkpoint = checkpoint
        """What it was loaded from; none when that is no checkpoint."""
        self.fingerprint = identity
        """Names what made a vector; index, live stream and threshold must share it."""
        self.calibrations = calibrations
        """Thresholds that belong to this encoder."""
        fusion = config.fusion
        # Vectors that a trained head fused lie in one space, as those of a mean do.
        kind: Literal["concat", "mean"] = "concat" if fusion.kind == "concat" else "mean"
        dims = (branches.image_dim, branches.text_dim)
        if config.prefix:
            dims = (config.prefix, config.prefix)
        # A layout is part of an index: what trained heads do not use keeps its default.
        weight = 0.5 if fusion.trained else fusion.image_weight
        self.layout = Layout(kind, *dims, image_weight=weight)
        self.device = device_of(device)
        self.branches = branches
        self._gate, self._temporal = on_cpu(branches.gate), on_cpu(branches.temporal)
        self._image = branches.image.to(self.device).eval()
        self._text = branches.text.to(self.device).eval()
        self._step = 1 if self.device == "cpu" else _GPU_BATCH
        self._known: OrderedDict[bytes, Floats] = OrderedDict()

    @property
    def dim(self) -> int:
        """D of the fused vectors."""
        return self.layout.dim

    def encode(self, samples: Sequence[Sample]) -> Floats:
        """Return (B, D) float32 of unit length; zero for a sample with neither picture nor text.

        Raises:
            InputError: a frame is no RGB picture.
        """
        return self.fuse(self.parts(samples))[0]

    def encode_apart(self, samples: Sequence[Sample]) -> Apart:
        """Return what `encode` would of the samples, of their pictures alone, and of their texts.

        Raises:
            InputError: a frame is no RGB picture.
        """
        return fused_apart(self.parts(samples), lambda parts: self.fuse(parts)[0])

    def parts(self, samples: Sequence[Sample]) -> BranchVectors:
        """Return what the branches say of the samples.

        Raises:
            InputError: a frame is no RGB picture.
        """
        batch = preprocess.to_batch(samples, self.branches.tokenizer, self.config)
        return self.branch_vectors(batch)

    def fuse(self, parts: BranchVectors) -> tuple[Floats, Floats]:
        """Return (B, D) fused vectors, and (B, 2) the share that picture and text have in each.

        Shares of a sample sum to one; a missing part has none.
        """
        gate = self._gate
        present = np.stack([parts.has_image, parts.has_text], axis=1)
        if gate is None:
            weight = self.config.fusion.image_weight if self.layout.kind == "concat" else 0.5
            shares = np.array([weight, 1.0 - weight], dtype=np.float32) * present
            total = np.maximum(shares.sum(axis=1, keepdims=True), np.float32(1e-12))
            return self.layout.fuse(parts), (shares / total).astype(np.float32)
        vectors, shares = np.zeros_like(parts.image), np.zeros(present.shape, dtype=np.float32)
        # Always on the CPU and row by row: small layers, and no batch moves a bit.
        for row in range(len(present)):
            inputs = (parts.image[row], parts.text[row], present[row])
            domain = None if parts.domain is None else torch.from_numpy(parts.domain[row : row + 1])
            with torch.inference_mode():
                tensors = (torch.from_numpy(item)[None] for item in inputs)
                fused = routed(gate, *tensors, domain=domain)
            vectors[row], shares[row] = fused.vectors[0].numpy(), fused.weights[0].numpy()
        if self.config.prefix:
            vectors = prefix_of(vectors, self.config.prefix)
        return vectors, shares

    def branch_vectors(self, batch: Batch) -> BranchVectors:
        """Return what each branch says, before fusion."""
        frame_domain, text_domain = self._domains(batch, batch.frame_of, batch.text_of)
        images = self._run(
            [(b"i", one) for one in zip(batch.pixels, *frame_domain, strict=True)], self._see
        )
        pairs = zip(batch.tokens, batch.attention, *text_domain, strict=True)
        texts = self._run([(b"t", one) for one in pairs], self._read)
        frame_of, text_of = batch.frame_of.numpy(), batch.text_of.numpy()
        has_image, has_text = np.zeros(batch.size, dtype=bool), np.zeros(batch.size, dtype=bool)
        has_image[frame_of], has_text[text_of] = True, True
        image = np.zeros((batch.size, self.branches.image_dim), dtype=np.float32)
        text = np.zeros((batch.size, self.branches.text_dim), dtype=np.float32)
        if images:
            image = self._integrated(np.stack(images), batch)
        if texts:
            text[text_of] = np.stack(texts)
        return BranchVectors(image, text, has_image, has_text, batch.domain.numpy())

    def _domains(self, batch: Batch, *owners: Tensor) -> list[tuple[Tensor, ...]]:
        """Return the domain of each picture and each text, where a network wants to know it."""
        wanted = self.config.by_domain
        return [(batch.domain[owner],) if wanted else () for owner in owners]

    def _integrated(self, vectors: Floats, batch: Batch) -> Floats:
        """Return (B, D): what the pictures of each sample say together."""
        frame_of, temporal = batch.frame_of.numpy(), self._temporal
        if temporal is None:
            return mean_of_frames(vectors, frame_of, batch.size)
        image = np.zeros((batch.size, self.branches.image_dim), dtype=np.float32)
        # On the CPU and sample by sample, as the head.
        for sample in np.unique(frame_of):
            rows = torch.from_numpy(vectors[frame_of == sample])[None]
            there = torch.ones(rows.shape[:2], dtype=torch.bool)
            domain = batch.domain[sample : sample + 1]
            with torch.inference_mode():
                image[sample] = routed(temporal, rows, there, domain=domain)[0].numpy()
        return image

    def _run(
        self,
        items: list[tuple[bytes, tuple[Tensor, ...]]],
        network: Callable[[list[tuple[Tensor, ...]]], Tensor],
    ) -> list[Floats]:
        """Answer every item, from memory or by the network, a step at a time."""
        keys = [_key(*item, trim=self.config.text.padding == "longest") for item in items]
        fresh: dict[bytes, tuple[Tensor, ...]] = {}
        for key, (_, tensors) in zip(keys, items, strict=True):
            if key not in self._known:
                fresh[key] = tensors
        answers = {key: self._known[key] for key in keys if key in self._known}
        names = list(fresh)
        for start in range(0, len(names), self._step):
            some = names[start : start + self._step]
            with torch.inference_mode():
                rows = network([fresh[name] for name in some]).float().cpu().numpy()
            answers.update(zip(some, rows, strict=True))
        for key in keys:
            self._known[key] = answers[key]
            self._known.move_to_end(key)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return [answers[key] for key in keys]

    def _see(self, items: list[tuple[Tensor, ...]]) -> Tensor:
        pixels, *domain = (
            torch.stack(column).to(self.device) for column in zip(*items, strict=True)
        )
        answer: Tensor = self._image(pixels, **_named(domain))
        return answer

    def _read(self, items: list[tuple[Tensor, ...]]) -> Tensor:
        tokens, attention, *domain = (torch.stack(column) for column in zip(*items, strict=True))
        if self.config.text.padding == "longest":
            # Padding that other texts caused is cut off again, so that it cannot move a bit.
            used = attention.any(dim=0)
            tokens, attention = tokens[:, used], attention[:, used]
        told = _named([one.to(self.device) for one in domain])
        answer: Tensor = self._text(tokens.to(self.device), attention.to(self.device), **told)
        return answer


def _key(kind: bytes, tensors: tuple[Tensor, ...], *, trim: bool) -> bytes:
    digest = hashlib.blake2b(kind, digest_size=16)
    if kind == b"t" and trim:
        tensors = (tensors[0][tensors[1].bool()], *tensors[2:])
    for tensor in tensors:
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.digest()


def _named(domain: list[Tensor]) -> dict[str, Tensor]:
    return {"domain": domain[0]} if domain else {}


def load_encoder(
    name: str,
    cache_dir: Path,
    device: str = "auto",
    registry: Registry | None = None,
    prefix: int = 0,
) -> Encoder:
    """Return an encoder by the name of a preset, a checkpoint folder, or `zero-shot:NAME`.

    Args:
        name: NAME is a folder or pulled hub name of a SigLIP or CLIP model.
        cache_dir: of pretrained weights; nothing is downloaded.
        device: `auto`, `cpu` or `cuda`.
        registry: knows the pretrained weights; none: the shipped one.
        prefix: how many of the first numbers a vector keeps, of a checkpoint that was trained for
            it; 0: as the checkpoint says, which is all unless it says otherwise.

    Raises:
        InputError: there is no such preset or folder, or it was not trained for that prefix.
        WeightsError: pretrained weights were not pulled, or are damaged.
    """
    registry = registry or Registry.load()
    if name.startswith(ZERO_SHOT):
        if prefix:
            message = f"{name} was not trained for prefixes; {prefix} cannot be kept"
            raise InputError(message)
        return _zero_shot(name.removeprefix(ZERO_SHOT), cache_dir, device, registry)
    folder = folder_of(name)
    if not folder.is_dir():
        message = (
            f"no encoder is named {name!r}: give {' or '.join(presets())}, the folder of a "
            f"checkpoint, or {ZERO_SHOT}NAME for a SigLIP or CLIP model"
        )
        raise InputError(message)
    checkpoint = load_checkpoint(folder)
    config = checkpoint.config
    if config.kind != "branches":
        message = f"{folder} is of kind {config.kind!r}; load a dual encoder as {ZERO_SHOT}NAME"
        raise InputError(message)
    if prefix:
        config = replace(config, prefix=prefix)
    branches, weights = load_branches(checkpoint, cache_dir, registry)
    identity = fingerprint(config, weights)
    # A prefix of its vectors is no checkpoint that could be saved as it is.
    whole = None if prefix else checkpoint
    return Encoder(config, branches, identity, checkpoint.calibrations, device, whole)


def presets() -> list[str]:
    """Return the names of the encoders that are shipped."""
    return sorted(path.name for path in PRESETS.iterdir() if (path / "config.json").is_file())


def _zero_shot(name: str, cache_dir: Path, device: str, registry: Registry) -> Encoder:
    folder = registry.resolve(name, cache_dir)
    config = dual_config(folder, name)
    image, text = load_dual_branches(folder, config)
    branches = Branches(image, image.dim, text, text.dim, load_tokenizer(folder, config.text))
    return Encoder(
        config, branches, fingerprint(config, {"model": identity_of(folder)}), (), device
    )

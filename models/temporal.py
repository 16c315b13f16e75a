"""The pictures of one sample look at each other before they become one vector.

X-CLIP's integration transformer (Ni et al., arXiv 2208.02816, eq. 8; COPE and AMPere use it,
papers.md §2.3): learned positions are added to the K picture vectors, a transformer relates them,
its answer is added to what went in, and the mean is taken; over the pictures that exist, so that a
page's one picture is no clip of eight. Without it the mean is taken of the vectors as they are.
"""

import torch
from torch import Tensor

from models.config import TemporalConfig
from models.errors import InputError


class TemporalIntegration(torch.nn.Module):
    """(B, K, D) unit vectors in order of time and (B, K) bool -> (B, D) of unit length."""

    def __init__(self, dim: int, frames: int, config: TemporalConfig) -> None:
        super().__init__()
        self.positions = torch.nn.Parameter(torch.empty(frames, dim))
        torch.nn.init.normal_(self.positions, std=0.02)
        self.network = attention_layers(dim, config.layers, config.heads)

    def forward(self, rows: Tensor, there: Tensor) -> Tensor:
        """Integrate; every sample has at least one picture, which `there` marks."""
        length = rows.shape[1]
        if length > len(self.positions):
            message = (
                f"a sample has {length} pictures, but this encoder knows {len(self.positions)}"
            )
            raise InputError(message)
        # Unit vectors have tiny coordinates; the scale makes them of size one.
        seen = rows * rows.shape[2] ** 0.5
        made = self.network(seen + self.positions[:length], src_key_padding_mask=~there)
        mean = ((made + seen) * there[:, :, None]).sum(dim=1) / there.sum(dim=1, keepdim=True)
        return torch.nn.functional.normalize(mean, dim=1)


def attention_layers(dim: int, layers: int, heads: int) -> torch.nn.TransformerEncoder:
    """Return (B, L, D) -> (B, L, D) that training begins with as the identity."""
    layer = torch.nn.TransformerEncoderLayer(
        dim, heads, 4 * dim, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    made = torch.nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
    for name, parameter in made.named_parameters():
        if name.endswith(("linear2.weight", "linear2.bias", "out_proj.weight")):
            torch.nn.init.zeros_(parameter)
    return made


def packed(vectors: Tensor, frame_of: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return picture vectors (N, D) as samples with pictures: (B', K, D), (B', K) bool, (B',).

    Args:
        vectors: at least one, the pictures of a sample in order of time.
        frame_of: (N,) which sample each is of.

    Returns:
        The vectors, zero where a sample has fewer than K; which exist; the samples' numbers.
    """
    samples, owner, counts = torch.unique(frame_of, return_inverse=True, return_counts=True)
    order = torch.argsort(owner, stable=True)
    first = torch.cumsum(counts, dim=0) - counts
    place = torch.arange(len(owner), device=owner.device) - first[owner[order]]
    length = int(counts.max())
    rows = vectors.new_zeros((len(samples), length, vectors.shape[1]))
    rows = rows.index_put((owner[order], place), vectors[order])
    there = torch.arange(length, device=owner.device)[None] < counts[:, None]
    return rows, there, samples

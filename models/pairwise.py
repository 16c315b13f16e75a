"""Two further terms that look at patches of pictures while training: matching and reconstruction.

    L + matching·L_PMD + reconstruction·L_PFR

between the clips and short videos of a step and its pages, by picture (`losses.matching`,
`losses.reconstruction`; papers.md §4.3). Their networks are saved with a stopped run and left out
of its checkpoint. Where several processes share a step, each compares its own samples only:
patches are too large to be sent around.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.losses.matching import MatchingDecoder, MatchingOptions, candidates, matching
from models.losses.reconstruction import PatchReconstruction
from models.patches import Patches, by_sample

if TYPE_CHECKING:
    from models.objective import Labels, LossOptions
    from models.trained import Spoken


class PairwiseNetworks(torch.nn.Module):
    """The decoder and what rebuilds patches from its maps."""

    def __init__(self, dim: int, options: MatchingOptions) -> None:
        super().__init__()
        self.decoder = MatchingDecoder(dim, options)
        self.reconstruction = PatchReconstruction(options.heads)


def with_pairwise(
    terms: dict[str, Tensor],
    said: "Spoken",
    frame_of: Tensor,
    labels: "Labels",
    networks: PairwiseNetworks,
    options: "LossOptions",
) -> dict[str, Tensor]:
    """Return the objective's terms with `matching` and `reconstruction`, both part of `loss`.

    Args:
        terms: what `objective` returned.
        said: of B samples, with patches of their N pictures.
        frame_of: (N,) int64, the sample of each.
        labels: of the B samples.
        networks: that compare.
        options: weights.
    """
    if said.patches is None:
        return _with_nothing(terms, networks)
    page, picture = labels.of("page"), said.present[:, 0]
    shown, found = ~page & picture, page & picture
    # As the last norm of a transformer leaves them; other networks' features have any scale.
    patches = torch.nn.functional.layer_norm(said.patches, said.patches.shape[-1:])
    pages, clips = (by_sample(patches, frame_of, rows) for rows in (found, shown))
    asked = candidates(
        said.image[shown] @ said.image[found].T,
        labels.picture[shown],
        labels.picture[found],
        options.decoder.hardest,
    )
    if not len(asked.clip):
        return _with_nothing(terms, networks)
    matched = networks.decoder(pages, clips, asked)
    own = asked.page[:, 0]
    made = {
        "matching": matching(matched.scores, asked.known),
        "reconstruction": networks.reconstruction(
            matched.maps,
            Patches(pages.tokens[own], pages.here[own]),
            Patches(clips.tokens[asked.clip], clips.here[asked.clip]),
        ),
    }
    further = options.matching * made["matching"] + options.reconstruction * made["reconstruction"]
    return {**terms, **made, "loss": terms["loss"] + further}


def _with_nothing(terms: dict[str, Tensor], networks: PairwiseNetworks) -> dict[str, Tensor]:
    # Of all parameters, so that none is missed where processes exchange their gradients.
    nothing = torch.stack([one.sum() for one in networks.parameters()]).sum() * 0.0
    return {
        **terms,
        "matching": nothing,
        "reconstruction": nothing,
        "loss": terms["loss"] + nothing,
    }

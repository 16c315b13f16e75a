"""The pairwise matching decoder: which pages it is asked about, and its equation, pair by pair."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, autograd

from models.errors import InputError
from models.losses.matching import (
    Candidates,
    MatchingDecoder,
    MatchingOptions,
    candidates,
    matching,
)
from models.patches import Patches

SMALL = MatchingOptions(width=8, heads=2, hardest=2)


def _patches(seed: int, rows: int, length: int, present: list[int] | None = None) -> Patches:
    draw = torch.Generator().manual_seed(seed)
    tokens = torch.randn((rows, length, 6), generator=draw)
    counts = torch.tensor(present or [length] * rows)
    here = torch.arange(length)[None] < counts[:, None]
    return Patches(tokens * here[:, :, None], here)


def _decoder(seed: int = 0) -> MatchingDecoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return MatchingDecoder(6, SMALL)


@settings(max_examples=60)
@given(
    clips=st.lists(st.integers(-1, 3), min_size=1, max_size=6),
    pages=st.lists(st.integers(0, 3), min_size=1, max_size=6),
    seed=st.integers(0, 99),
    hardest=st.integers(1, 4),
)
def test_pages_of_the_own_product_are_never_among_the_hardest(
    clips: list[int], pages: list[int], seed: int, hardest: int
) -> None:
    cosines = torch.rand((len(clips), len(pages)), generator=torch.Generator().manual_seed(seed))
    found = candidates(cosines, torch.tensor(clips), torch.tensor(pages), hardest)
    wanted = []
    for clip, product in enumerate(clips):
        others = [page for page, of in enumerate(pages) if of != product]
        near = sorted(others, key=lambda page: -float(cosines[clip, page]))[:hardest]
        wanted += [(clip, page, near) for page, of in enumerate(pages) if of == product]
    told = [
        (int(clip), int(page[0]), page[1:][known[1:]].tolist())
        for clip, page, known in zip(*found, strict=True)
    ]
    assert told == wanted
    assert bool(found.known[:, 0].all())


@settings(max_examples=30)
@given(st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=4), max_size=5))
def test_the_loss_is_its_equation(rows: list[list[float]]) -> None:
    scores = torch.full((len(rows), 4), 99.0, dtype=torch.float64)
    known = torch.zeros((len(rows), 4), dtype=torch.bool)
    for at, row in enumerate(rows):
        scores[at, : len(row)] = torch.tensor(row, dtype=torch.float64)
        known[at, : len(row)] = True
    slow = [math.log(sum(math.exp(one) for one in row)) - row[0] for row in rows]
    wanted = sum(slow) / len(slow) if slow else 0.0
    assert float(matching(scores, known)) == pytest.approx(wanted, abs=1e-9)


def _attend(
    layer: torch.nn.MultiheadAttention, query: Tensor, keys: Tensor
) -> tuple[Tensor, list[Tensor]]:
    """One query patch after the other, head by head."""
    width = query.shape[1]
    size = width // layer.num_heads
    weights, biases = layer.in_proj_weight.chunk(3), layer.in_proj_bias.chunk(3)
    q, k, v = (x @ w.T + b for x, w, b in zip((query, keys, keys), weights, biases, strict=True))
    maps, told = [], []
    for head in range(layer.num_heads):
        part = slice(head * size, (head + 1) * size)
        rows = [torch.softmax(one[part] @ k[:, part].T / math.sqrt(size), dim=0) for one in q]
        maps.append(torch.stack(rows))
        told.append(maps[-1] @ v[:, part])
    return layer.out_proj(torch.cat(told, dim=1)), maps


def test_the_decoder_is_its_equation_patch_by_patch() -> None:
    decoder = _decoder()
    pages, clips = _patches(1, 3, 4, [4, 3, 4]), _patches(2, 2, 5, [5, 2])
    asked = Candidates(
        torch.tensor([0, 1]),
        torch.tensor([[0, 1, 2], [1, 2, 0]]),
        torch.ones((2, 3), dtype=torch.bool),
    )
    with torch.no_grad():
        _compare(decoder, pages, clips, asked)


def _compare(decoder: MatchingDecoder, pages: Patches, clips: Patches, asked: Candidates) -> None:
    found = decoder(pages, clips, asked)
    for row, clip in enumerate(asked.clip.tolist()):
        for column, page in enumerate(asked.page[row].tolist()):
            x = decoder.enter(pages.tokens[page][pages.here[page]])
            y = decoder.norms[1](decoder.enter(clips.tokens[clip][clips.here[clip]]))
            calm = decoder.norms[0](x)
            h = x + _attend(decoder.alone, calm, calm)[0]
            told, maps = _attend(decoder.across, decoder.norms[2](h), y)
            z = h + told
            z = z + decoder.forth(decoder.norms[3](z))
            score = decoder.score(z.mean(dim=0))
            assert float(found.scores[row, column]) == pytest.approx(float(score), abs=1e-5)
            if column == 0:
                own = found.maps[row][:, pages.here[page]][:, :, clips.here[clip]]
                assert torch.allclose(own, torch.stack(maps), atol=1e-6)


def test_padding_of_other_clips_changes_no_score() -> None:
    decoder = _decoder()
    pages, clips = _patches(1, 2, 4), _patches(2, 2, 3)
    wide = Patches(
        torch.cat([clips.tokens, torch.full((2, 3, 6), 9.0)], dim=1),
        torch.cat([clips.here, torch.zeros((2, 3), dtype=torch.bool)], dim=1),
    )
    asked = candidates(torch.eye(2), torch.arange(2), torch.arange(2), 1)
    assert torch.allclose(
        decoder(pages, clips, asked).scores, decoder(pages, wide, asked).scores, atol=1e-6
    )


def test_its_gradient_is_that_of_its_value() -> None:
    decoder = _decoder().double()
    here = torch.ones((2, 2), dtype=torch.bool)
    asked = candidates(torch.eye(2), torch.arange(2), torch.arange(2), 1)

    def value(pages: Tensor, clips: Tensor) -> Tensor:
        return matching(
            decoder(Patches(pages, here), Patches(clips, here), asked).scores, asked.known
        )

    tokens = [_patches(seed, 2, 2).tokens.double().requires_grad_() for seed in (3, 4)]
    assert autograd.gradcheck(value, tuple(tokens))


def test_the_loss_learns_a_toy_set() -> None:
    """Each product is a mark at any place of the picture, among patches of noise."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        decoder = MatchingDecoder(6, MatchingOptions(width=24, heads=4))
    optimiser = torch.optim.Adam(decoder.parameters(), lr=5e-3)
    draw = torch.Generator().manual_seed(3)
    products = torch.arange(4)

    def shown(of: Tensor, length: int) -> Patches:
        tokens = torch.randn((len(of), length, 6), generator=draw) * 0.3
        at = torch.randint(length, (len(of),), generator=draw)
        tokens[torch.arange(len(of)), at] += 4.0 * torch.nn.functional.one_hot(of, 6)
        return Patches(tokens, torch.ones((len(of), length), dtype=torch.bool))

    def scores() -> tuple[Tensor, Tensor]:
        clips = products.repeat(4)
        asked = candidates(torch.rand((16, 4), generator=draw), clips, products, 3)
        return decoder(shown(products, 3), shown(clips, 4), asked).scores, asked.known

    for _ in range(100):
        optimiser.zero_grad()
        autograd.backward(matching(*scores()))
        optimiser.step()
    right = [scores()[0].argmax(dim=1).eq(0).float().mean() for _ in range(10)]
    # By chance it is a quarter.
    assert float(torch.stack(right).mean()) > 0.75


@pytest.mark.parametrize(
    "wrong",
    [MatchingOptions(width=8, heads=3), MatchingOptions(hardest=0), MatchingOptions(heads=0)],
)
def test_a_size_that_cannot_be_is_named(wrong: MatchingOptions) -> None:
    with pytest.raises(InputError, match=f"width {wrong.width} with {wrong.heads} heads"):
        MatchingDecoder(6, wrong)

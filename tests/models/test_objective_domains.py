"""The objective over three domains: every term its equation, each with a weight of its own."""

import math
from dataclasses import asdict, replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.batch import Sample
from models.dataset import Drawn
from models.errors import InputError
from models.losses.infonce import info_nce
from models.losses.matryoshka import PrefixWeights
from models.objective import (
    LossOptions,
    PairWeights,
    WithinWeights,
    labels_of,
    objective,
)
from models.trained import Spoken

PAGE, CLIP = Sample("page", (), "title"), Sample("live", (), "heard")
TRAINED = ["ale", "mug", "tea"]
VIDEO = Sample("video", (), "heard")
THREE = [
    Drawn(PAGE, "tea", "tea", "tea"),
    Drawn(PAGE, "mug", "mug", "mug"),
    Drawn(VIDEO, "mug", "mug", "mug"),
    Drawn(VIDEO, "tea", "tea", None),
    Drawn(CLIP, "tea", None, "mug"),
    Drawn(CLIP, None, None, None),
    Drawn(CLIP, "mug", "mug", "mug"),
]
SOME = PairWeights(whole=0.3, picture=0.5, text=0.7, mixed=0.2, back=0.4, crossed=0.6)
ALL = LossOptions(
    **asdict(SOME),
    centre=0.9,
    video=replace(SOME, whole=1.3),
    between=replace(SOME, whole=2.3),
    within=WithinWeights(0.1, 0.2, 0.3),
    prefixes=PrefixWeights(0.5, 0.25),
)


def centres() -> torch.Tensor:
    return torch.randn((3, 4), generator=torch.Generator().manual_seed(2))


def say(rows: int, seed: int, there: list[tuple[bool, bool]] | None = None) -> Spoken:
    draw = torch.Generator().manual_seed(seed)
    present = torch.tensor(there or [(True, True)] * rows)
    image, text, fused = (
        torch.nn.functional.normalize(
            torch.randn((rows, 8), generator=draw, dtype=torch.float64), dim=1
        )
        for _ in range(3)
    )
    return Spoken(image * present[:, :1], text * present[:, 1:], fused, present)


def _slow_term(
    said: Spoken, drawn: list[Drawn], first: tuple[str, str], second: tuple[str, str]
) -> float:
    """One InfoNCE over the prefixes, its rows picked one by one."""

    def rows(domain: str, part: str) -> list[tuple[torch.Tensor, str | None]]:
        found = []
        for at, one in enumerate(drawn):
            image, text = said.present[at].tolist()
            here = {"whole": image or text, "picture": image, "text": text}[part]
            product = {"whole": one.whole, "picture": one.by_picture, "text": one.by_text}[part]
            vector = {"whole": said.fused, "picture": said.image, "text": said.text}[part][at]
            if here and one.sample.domain == domain:
                found.append((vector, product))
        return found

    one, other = rows(*first), rows(*second)
    total = 0.0
    for length, weight in ((8, 1.0), (4, 0.5), (2, 0.25)):
        both = 0.0
        for anchors, keys in ((one, other), (other, one)):
            losses = []
            for vector, product in anchors:
                own = [at for at, key in enumerate(keys) if product and key[1] == product]
                cosines = [
                    float(torch.cosine_similarity(vector[:length], key[:length], dim=0)) / 0.05
                    for key, _ in keys
                ]
                each = []
                for at in own:
                    seen = [c for k, c in enumerate(cosines) if k == at or k not in own]
                    log_z = math.log(sum(math.exp(cosine) for cosine in seen))
                    each.append(log_z - 0.9 * cosines[at] - 0.1 * sum(seen) / len(seen))
                losses += [sum(each) / len(each)] if each else []
            both += sum(losses) / len(losses) if losses else 0.0
        total += weight * both / 2
    return total / 1.75


def test_terms_of_three_domains_are_their_equations() -> None:
    there = [(True, True)] * 3 + [(True, False), (False, True), (True, True), (True, True)]
    said = say(7, 5, there)
    found = objective(said, labels_of(THREE, TRAINED, 1.0, 0), ALL)
    parts = ("picture", "text")
    for prefix, x, y in (
        ("", "live", "page"),
        ("video_", "video", "page"),
        ("between_", "live", "video"),
    ):
        wanted = {
            "whole": [("whole", "whole")],
            "picture": [("picture", "picture")],
            "text": [("text", "text")],
            "mixed": [(part, "whole") for part in parts],
            "back": [("whole", part) for part in parts],
            "crossed": [("picture", "text"), ("text", "picture")],
        }
        for name, pairs in wanted.items():
            slow = sum(_slow_term(said, THREE, (x, one), (y, other)) for one, other in pairs)
            assert float(found[prefix + name]) == pytest.approx(slow, abs=1e-9), prefix + name
    for domain in ("page", "video", "live"):
        slow = _slow_term(said, THREE, (domain, "text"), (domain, "picture"))
        assert float(found[f"within_{domain}"]) == pytest.approx(slow, abs=1e-9)


def test_every_term_has_a_weight_of_its_own() -> None:
    spread = torch.randn((3, 8), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    found = objective(say(7, 6), labels_of(THREE, TRAINED, 1.0, 0), ALL, spread)
    weights = {name: getattr(ALL, name) for name in asdict(SOME)} | {"centre": 0.9}
    weights |= {f"video_{name}": weight for name, weight in asdict(ALL.video).items()}
    weights |= {f"between_{name}": weight for name, weight in asdict(ALL.between).items()}
    weights |= {f"within_{name}": weight for name, weight in asdict(ALL.within).items()}
    assert set(found) == {*weights, "loss"}
    wanted = sum(weight * float(found[name]) for name, weight in weights.items())
    assert float(found["loss"]) == pytest.approx(wanted)


def test_short_videos_are_pulled_to_the_centres_too() -> None:
    said, spread = say(7, 7), centres().double()
    wide = torch.cat([spread, spread], dim=1)
    options = LossOptions(whole=0.0, picture=0.0, text=0.0, mixed=0.0, centre=1.0)
    fused = said.fused.clone().requires_grad_()
    found = objective(said._replace(fused=fused), labels_of(THREE, TRAINED, 1.0, 0), options, wide)
    torch.autograd.backward(found["loss"])
    assert fused.grad is not None
    pulled = fused.grad.abs().sum(dim=1) > 0
    # All but the clip of no product: pages, videos and clips alike.
    assert pulled.tolist() == [True, True, True, True, True, False, True]


def test_terms_without_weight_are_not_told_and_change_no_bit() -> None:
    said, numbered = say(7, 8), labels_of(THREE, TRAINED, 1.0, 0)
    plain = objective(said, numbered, LossOptions())
    assert list(plain) == ["whole", "picture", "text", "mixed", "loss"]
    clips = [one for one in THREE if one.sample.domain != "video"]
    kept = torch.tensor([one.sample.domain != "video" for one in THREE])
    fewer = Spoken(said.image[kept], said.text[kept], said.fused[kept], said.present[kept])
    without = objective(fewer, labels_of(clips, TRAINED, 1.0, 0), LossOptions())
    assert all(torch.equal(plain[name], without[name]) for name in plain)


@settings(max_examples=8)
@given(order=st.permutations(range(7)), seed=st.integers(0, 99))
def test_the_order_of_a_step_is_no_matter(order: list[int], seed: int) -> None:
    there = [(True, True)] * 3 + [(True, False), (False, True), (True, True), (True, True)]
    said, spread = say(7, seed, there), centres().double().repeat(1, 2)
    found = objective(said, labels_of(THREE, TRAINED, 1.0, 0), ALL, spread)
    turned = Spoken(said.image[order], said.text[order], said.fused[order], said.present[order])
    drawn = [THREE[at] for at in order]
    again = objective(turned, labels_of(drawn, TRAINED, 1.0, 0), ALL, spread)
    for name, value in found.items():
        assert float(again[name]) == pytest.approx(float(value), abs=1e-9), name


@settings(max_examples=8)
@given(domains=st.lists(st.sampled_from([PAGE, VIDEO, CLIP]), min_size=1, max_size=6))
def test_what_is_all_of_one_product_is_never_pushed_apart(domains: list[Sample]) -> None:
    drawn = [Drawn(sample, "tea", "tea", "tea") for sample in domains]
    said = say(len(drawn), 1)
    vectors = [part.clone().requires_grad_() for part in (said.image, said.text, said.fused)]
    spoken = Spoken(vectors[0], vectors[1], vectors[2], said.present)
    # With smoothing too: alone among its like, a positive is all that there is to choose from.
    found = objective(spoken, labels_of(drawn, TRAINED, 1.0, 0), ALL)
    torch.autograd.backward(found["loss"])
    for vector in vectors:
        assert vector.grad is not None
        assert float(vector.grad.abs().max()) == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=40)
@given(
    one=st.lists(st.integers(-1, 2), min_size=1, max_size=5),
    other=st.lists(st.integers(-1, 2), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_a_cosine_within_a_product_never_costs_and_one_across_never_pays(
    one: list[int], other: list[int], seed: int
) -> None:
    draw = torch.Generator().manual_seed(seed)
    first = torch.randn((len(one), len(other)), generator=draw, dtype=torch.float64)
    first.requires_grad_()
    # Against the axes, each number of a row is its cosine with one key.
    axes = torch.eye(len(other), dtype=torch.float64)
    loss = info_nce(first, axes, torch.tensor(one), torch.tensor(other), 0.5, 0.0)
    torch.autograd.backward(loss)
    assert first.grad is not None
    for row, product in enumerate(one):
        for column, key in enumerate(other):
            slope = float(first.grad[row, column])
            same = product == key and product >= 0
            assert slope <= 1e-12 if same else slope >= -1e-12


def test_a_weight_below_zero_is_named() -> None:
    with pytest.raises(InputError, match=r"loss.video.whole is -1.0, but must be 0 or more"):
        LossOptions(video=PairWeights(whole=-1.0))


def test_a_process_has_the_labels_of_its_share() -> None:
    found = labels_of(THREE, TRAINED, 1.0, 0)
    part = found.part(slice(1, None, 2))
    assert part.whole.tolist() == [1, 2, -1]
    assert part.domain.tolist() == [0, 1, 2]
    assert part.centres.tolist() == found.centres.tolist()


def test_three_domains_learn_to_find_each_other() -> None:
    """From random vectors to every product first, in all six directions, by each part."""
    torch.manual_seed(0)
    names = [f"p{at}" for at in range(5)]
    drawn = [Drawn(sample, name, name, name) for sample in (PAGE, VIDEO, CLIP) for name in names]
    numbered = labels_of(drawn, names, 1.0, 0)
    parts = [torch.nn.Parameter(torch.randn(15, 8)) for _ in range(2)]
    optimiser = torch.optim.Adam(parts, lr=0.1)
    each = PairWeights(whole=1.0, picture=1.0, text=1.0)
    options = LossOptions(mixed=0.0, video=each, between=each)

    def said() -> Spoken:
        image, text = (torch.nn.functional.normalize(part, dim=1) for part in parts)
        fused = torch.nn.functional.normalize(image + text, dim=1)
        return Spoken(image, text, fused, torch.ones((15, 2), dtype=torch.bool))

    for _ in range(40):
        optimiser.zero_grad()
        torch.autograd.backward(objective(said(), numbered, options)["loss"])
        optimiser.step()
    with torch.no_grad():
        found = said()
    for part in (found.image, found.text, found.fused):
        best = (part @ part.T).reshape(3, 5, 3, 5).argmax(dim=3)
        assert bool(best.eq(torch.arange(5)[None, :, None]).all())

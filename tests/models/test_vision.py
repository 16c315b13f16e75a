"""Vision models of `transformers` as image branches, against the models called by hand."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.batch import Sample
from models.branches.image import make_image_branch, pool_map
from models.branches.text import load_text_branch, load_tokenizer
from models.branches.vision import VisionBranch, load_vision_branch
from models.checkpoint import save_checkpoint
from models.config import EncoderConfig, ImageConfig, Pool, TextConfig
from models.encoder import load_encoder
from models.errors import InputError, WeightsError
from tests.tiny_vision import picture, save_branches, save_clip, save_siglip
from tests.tiny_vision_models import FAMILIES, save_vision, vision_model

CONFIG = ImageConfig(family="transformers", height_px=32, width_px=32, pool="pooled")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("vision")
    for family in FAMILIES:
        save_vision(made / family, family)
    return made


def _by_hand(model: torch.nn.Module, pixels: torch.Tensor, pool: Pool) -> torch.Tensor:
    with torch.inference_mode():
        answer = model(pixel_values=pixels)
    if pool == "pooled":
        vectors = answer.pooler_output
    elif pool == "cls":
        vectors = answer.last_hidden_state[:, 0]
    else:
        # 32 px in patches of 8 are four rows of four.
        states = answer.last_hidden_state[:, -16:]
        rows = [states[:, 4 * at : 4 * at + 4] for at in range(4)]
        vectors = pool_map(torch.stack(rows, dim=1).permute(0, 3, 1, 2), pool)
    unit: torch.Tensor = vectors / vectors.norm(dim=1, keepdim=True)
    return unit


@pytest.mark.parametrize("pool", ["pooled", "cls", "mean", "centre"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_branch_says_what_its_model_says(folder: Path, family: str, pool: Pool) -> None:
    config = replace(CONFIG, pool=pool)
    if (family, pool) == ("siglip", "cls"):
        with pytest.raises(InputError, match="no cls output; image.pool mean or centre"):
            load_vision_branch(folder / family, config)
        return
    branch = load_vision_branch(folder / family, config)
    pixels = torch.rand(2, 3, 32, 32)
    found = branch(pixels)
    assert found.numpy() == pytest.approx(
        _by_hand(vision_model(family).eval(), pixels, pool).numpy(), abs=1e-5
    )
    assert found.shape == (2, branch.dim) == (2, 32)
    assert (found[0] - found[1]).abs().max() > 1e-3
    if pool in ("mean", "centre"):
        whole = pool_map(branch.see(pixels).features, pool)
        assert torch.allclose(torch.nn.functional.normalize(whole, dim=1), found, atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_pictures_of_another_size_are_seen_too(folder: Path, family: str) -> None:
    config = replace(CONFIG, height_px=48, width_px=48, pool="mean")
    branch = load_vision_branch(folder / family, config)
    assert branch.see(torch.rand(1, 3, 48, 48)).features.shape == (1, 32, 6, 6)


@pytest.mark.parametrize("family", FAMILIES)
def test_its_first_layers_can_stay_as_they_are(folder: Path, family: str) -> None:
    branch = load_vision_branch(folder / family, CONFIG)
    branch.requires_grad_(requires_grad=True)
    for stage in branch.first_stages(1):
        stage.requires_grad_(requires_grad=False)
    frozen = {name for name, one in branch.named_parameters() if not one.requires_grad}
    assert any("embeddings" in name for name in frozen)
    assert any(".0." in name for name in frozen)
    assert not any(".1." in name for name in frozen)


@pytest.mark.parametrize("save", [save_clip, save_siglip])
def test_of_a_dual_model_the_half_that_sees_and_the_half_that_reads_are_taken(
    tmp_path: Path, save: object
) -> None:
    from transformers import AutoModel

    assert callable(save)
    save(tmp_path)
    model = AutoModel.from_pretrained(tmp_path).eval()
    pixels = torch.rand(1, 3, 32, 32)
    branch = load_vision_branch(tmp_path, CONFIG)
    by_hand = _by_hand(model.vision_model, pixels, "pooled")
    assert branch(pixels).numpy() == pytest.approx(by_hand.numpy(), abs=1e-5)
    text = TextConfig(pool="pooled", max_tokens=8)
    ids, mask = (torch.tensor(one) for one in load_tokenizer(tmp_path, text)(["oat milk"]))
    with torch.inference_mode():
        read = model.text_model(input_ids=ids, attention_mask=mask).pooler_output
        found = load_text_branch(tmp_path, text)(ids, mask)
    assert found.numpy() == pytest.approx((read / read.norm()).numpy(), abs=1e-5)


def test_an_output_layer_that_was_never_trained_is_not_made_up(tmp_path: Path) -> None:
    from transformers import ViTModel

    ViTModel(vision_model("vit").config, add_pooling_layer=False).save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match=r"no whole vision network.*pooler"):
        load_vision_branch(tmp_path, CONFIG)
    assert isinstance(load_vision_branch(tmp_path, replace(CONFIG, pool="cls")), VisionBranch)


def test_a_folder_without_a_vision_model_is_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(WeightsError, match="image network of transformers"):
        load_vision_branch(tmp_path, CONFIG)
    with pytest.raises(WeightsError, match="does not read text"):
        load_text_branch(folder / "vit")
    save_branches(tmp_path / "tiny")
    with pytest.raises(WeightsError, match="does not see pictures"):
        load_vision_branch(tmp_path / "tiny" / "text", CONFIG)
    with pytest.raises(InputError, match="for models of transformers, not of timm"):
        ImageConfig(pool="cls")


def test_pretrained_parts_side_by_side_need_no_training(tmp_path: Path, folder: Path) -> None:
    save_branches(tmp_path)
    config = EncoderConfig(
        image=replace(CONFIG, weights=str(folder / "dinov2")),
        text=TextConfig(weights=str(tmp_path / "text"), max_tokens=16),
    )
    save_checkpoint(tmp_path / "plain", config, "# plain\n")
    encoder = load_encoder(str(tmp_path / "plain"), tmp_path, "cpu")
    assert encoder.encode([Sample("page", (picture(),), "oat")]).shape == (1, 64)


def test_text_states_are_pooled_as_asked(tmp_path: Path) -> None:
    from transformers import AutoModel

    save_branches(tmp_path)
    model = AutoModel.from_pretrained(tmp_path / "text").eval()
    tokenizer = load_tokenizer(tmp_path / "text", TextConfig())
    ids, mask = (torch.tensor(one) for one in tokenizer(["oat milk", "jam"]))
    with torch.inference_mode():
        answer = model(input_ids=ids, attention_mask=mask)
        wanted = {"cls": answer.last_hidden_state[:, 0], "pooled": answer.pooler_output}
        for pool, vectors in wanted.items():
            config = TextConfig(pool="cls" if pool == "cls" else "pooled")
            found = load_text_branch(tmp_path / "text", config)(ids, mask)
            unit = vectors / vectors.norm(dim=1, keepdim=True)
            assert found.numpy() == pytest.approx(unit.numpy(), abs=1e-6)


def test_a_network_without_blocks_cannot_have_frozen_ones() -> None:
    branch = make_image_branch(ImageConfig(architecture="test_vit", pool="mean"))
    with pytest.raises(InputError, match="no stem and blocks; frozen_blocks must be 0"):
        branch.first_stages(1)

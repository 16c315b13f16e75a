"""The branches, against slow obvious sums."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from models.branches.dual import dual_config, load_dual_branches
from models.branches.image import CENTRE_WIDTH, load_image_branch, pool_map
from models.branches.text import load_text_branch, load_tokenizer
from models.config import EncoderConfig, ImageConfig, TextConfig
from models.errors import WeightsError
from tests.tiny_vision import save_branches, save_clip, save_siglip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("branches")
    save_branches(made)
    return made


def test_centre_pooling_is_the_gaussian_mean() -> None:
    features = torch.rand(2, 3, 5, 7)
    by_hand = np.zeros((2, 3))
    total = 0.0
    for row in range(5):
        for column in range(7):
            up, across = (row - 2) / (2.5 * CENTRE_WIDTH), (column - 3) / (3.5 * CENTRE_WIDTH)
            weight = np.exp(-(up**2) / 2 - across**2 / 2)
            by_hand += weight * features[:, :, row, column].numpy()
            total += weight
    assert pool_map(features, "centre").numpy() == pytest.approx(by_hand / total, abs=1e-6)
    assert torch.equal(pool_map(features, "mean"), features.mean(dim=(2, 3)))


def test_image_branch_gives_unit_vectors(folder: Path) -> None:
    config = ImageConfig(architecture="test_efficientnet", height_px=64, width_px=64)
    branch = load_image_branch(folder / "image", config)
    vectors = branch(torch.rand(2, 3, 64, 64))
    assert vectors.shape == (2, branch.dim)
    assert vectors.norm(dim=1).tolist() == pytest.approx([1, 1], abs=1e-6)


def test_weights_of_another_network_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="test_vit|tensors absent"):
        load_image_branch(folder / "image", ImageConfig(architecture="test_vit"))
    with pytest.raises(WeightsError, match=r"model\.safetensors"):
        load_image_branch(tmp_path, ImageConfig(architecture="test_efficientnet"))


def test_text_branch_is_the_mean_of_real_tokens(folder: Path) -> None:
    branch = load_text_branch(folder / "text")
    ids, mask = load_tokenizer(folder / "text", TextConfig())(["oat milk", "jam"])
    assert [sum(row) for row in mask] == [4, 3]
    tokens, attention = torch.tensor(ids), torch.tensor(mask)
    with torch.inference_mode():
        states = branch.network(input_ids=tokens, attention_mask=attention).last_hidden_state
        found = branch(tokens, attention)
    mean = states[1, :3].mean(dim=0)
    assert found[1].tolist() == pytest.approx((mean / mean.norm()).tolist(), abs=1e-5)


def test_long_text_is_cut(folder: Path) -> None:
    ids, _ = load_tokenizer(folder / "text", TextConfig(max_tokens=8))(["oat " * 50])
    assert len(ids[0]) == 8


def test_a_folder_without_text_encoder_or_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="text encoder"):
        load_text_branch(tmp_path)
    with pytest.raises(WeightsError, match="tokenizer"):
        load_tokenizer(tmp_path, TextConfig())


def test_siglip_settings_come_from_its_folder(tmp_path: Path) -> None:
    config = dual_config(save_siglip(tmp_path), "mine")
    assert (config.kind, config.fusion.kind, config.image.fit) == ("dual", "mean", "squash")
    assert (config.text.padding, config.text.attention, config.text.max_tokens) == (
        "max",
        False,
        16,
    )
    assert (config.image.height_px, config.image.mean) == (32, (0.5, 0.5, 0.5))


def test_clip_settings_come_from_its_folder(tmp_path: Path) -> None:
    config = dual_config(save_clip(tmp_path), "mine")
    assert (config.image.fit, config.image.crop, config.image.width_px) == ("centre", 1.0, 32)
    assert (config.text.padding, config.text.attention) == ("longest", True)
    assert config.image.mean == pytest.approx((0.48145466, 0.4578275, 0.40821073))


@pytest.mark.parametrize("save", [save_siglip, save_clip])
def test_dual_branches_equal_the_model_called_by_hand(tmp_path: Path, save: object) -> None:
    from transformers import AutoModel

    assert callable(save)
    config: EncoderConfig = dual_config(save(tmp_path), "mine")
    image, text = load_dual_branches(tmp_path, config)
    model = AutoModel.from_pretrained(tmp_path).eval()
    ids, mask = load_tokenizer(tmp_path, config.text)(["oat milk"])
    pixels = torch.rand(1, 3, 32, 32)
    attention = torch.tensor(mask) if config.text.attention else None
    with torch.inference_mode():
        # The output for both holds the projected vectors, each already of unit length.
        whole = model(input_ids=torch.tensor(ids), pixel_values=pixels, attention_mask=attention)
        assert image(pixels).numpy() == pytest.approx(whole.image_embeds.numpy(), abs=1e-5)
        found = text(torch.tensor(ids), torch.tensor(mask))
        assert found.numpy() == pytest.approx(whole.text_embeds.numpy(), abs=1e-5)


def test_a_filter_that_preprocess_lacks_is_refused(tmp_path: Path) -> None:
    path = save_clip(tmp_path) / "preprocessor_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "resample": 5}))
    with pytest.raises(WeightsError, match="filter 5"):
        dual_config(tmp_path, "mine")

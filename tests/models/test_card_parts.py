"""A card names what an encoder is made of and every term that it was trained by."""

from dataclasses import asdict

from models.card_parts import loss_words, part_lines
from models.config import EncoderConfig, FusionConfig, ImageConfig, TemporalConfig, TextConfig
from models.objective import LossOptions, PairWeights, WithinWeights

START = {"image": "efficientnet-lite0", "text": "all-minilm-l6-v2"}


def test_a_plain_encoder_is_told_as_it_is() -> None:
    config = EncoderConfig(fusion=FusionConfig(kind="gated"))
    pictures, text, fusion = part_lines(asdict(config), START)
    assert "tf_efficientnet_lite0, started from efficientnet-lite0 and trained" in pictures
    assert "mean of their unit vectors" in pictures
    assert "frozen, not copied here" in text
    assert "a gate weighs" in fusion
    assert "first" not in fusion


def test_what_differs_by_domain_learns_or_looks_over_time_is_named() -> None:
    config = EncoderConfig(
        image=ImageConfig(family="transformers", weights="/vit"),
        text=TextConfig(trained=True),
        fusion=FusionConfig(kind="concat_mlp", per_domain=True),
        temporal=TemporalConfig(layers=2),
        sharing="separate",
        prefixes=(64, 32),
    )
    pictures, text, fusion = part_lines(asdict(config), START)
    assert "a vision model of transformers" in pictures
    assert "related by 2 transformer layer(s)" in pictures
    assert "networks of its own for each domain" in pictures
    assert "trained along and copied here" in text
    assert "side by side (COPE), one for each domain" in fusion
    assert "also trained at their first 64, 32" in fusion


def test_every_term_with_a_weight_is_named_and_no_other() -> None:
    plain = loss_words(asdict(LossOptions()))
    assert plain == "InfoNCE between clips and pages as a whole, by picture and by text"
    whole = LossOptions(
        centre=0.5,
        video=PairWeights(whole=1.0),
        between=PairWeights(text=1.0),
        within=WithinWeights(page=0.1),
        matching=0.2,
        reconstruction=0.1,
    )
    assert loss_words(asdict(whole)) == (
        f"{plain}, the same between videos and pages, the same between clips and videos, text"
        " against picture within page, CosFace (weight 0.5, margin 0.4, scale 64), a matching"
        " decoder, rebuilt patches (RICE)"
    )

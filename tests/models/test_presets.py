"""Presets: each is a way that can be gone, and says where its numbers are from."""

import pytest

from models.checkpoint import PRESETS, load_checkpoint
from models.errors import InputError
from models.presets import changed, load_preset, preset_names
from models.registry import Registry
from models.train_options import TrainOptions, train_options
from models.trained import shipped_config


def test_there_are_six_and_an_unknown_name_lists_them() -> None:
    assert preset_names() == ["ampere", "cope", "liveshelf", "photos", "titles", "zero-shot"]
    with pytest.raises(
        InputError, match="'x'; there are ampere, cope, liveshelf, photos, titles, zero-shot"
    ):
        load_preset("x")


@pytest.mark.parametrize("name", ["ampere", "cope", "liveshelf", "photos", "titles", "zero-shot"])
def test_every_option_of_a_preset_is_known_and_explained(name: str) -> None:
    preset = load_preset(name)
    assert isinstance(train_options(preset.train), TrainOptions)
    assert preset.why
    assert all(line.endswith(".") for line in preset.why)


@pytest.mark.parametrize("name", ["ampere", "cope", "liveshelf", "photos", "titles"])
def test_what_is_trained_starts_from_weights_that_can_be_had(name: str) -> None:
    known = {entry.name for entry in Registry.load().entries}
    encoder = load_preset(name).encoder
    assert {encoder.image.weights, encoder.text.weights} <= known
    assert encoder.fusion.trained


def test_the_shipped_encoder_is_of_its_preset() -> None:
    shipped = load_checkpoint(PRESETS / "liveshelf").config
    assert shipped_config(load_preset("liveshelf").encoder, "liveshelf", 160) == shipped
    assert load_preset("liveshelf").train == ()


def test_photos_are_trained_longer_by_the_encoder_that_is_shipped() -> None:
    photos = load_preset("photos")
    assert photos.encoder == load_preset("liveshelf").encoder
    assert train_options(photos.train).epochs > TrainOptions().epochs


def test_cope_reads_titles_of_pages_only_and_ampere_all_text() -> None:
    cope, ampere = load_preset("cope").encoder, load_preset("ampere").encoder
    assert cope.text.domains == ("page",)
    assert ampere.text.domains == ("page", "video", "live")
    for encoder in (cope, ampere):
        assert (encoder.frames, encoder.fusion.dim, encoder.fusion.kind) == (8, 128, "concat_mlp")
        assert encoder.fusion.per_domain
        assert encoder.sharing == "shared"
    options = train_options(load_preset("cope").train)
    assert (options.loss.temperature, options.loss.smoothing) == (0.05, 0.1)
    assert (options.loss.margin, options.loss.scale, options.loss.centre) == (0.4, 64.0, 1.0)


def test_zero_shot_is_a_pair_as_it_comes() -> None:
    encoder = load_preset("zero-shot").encoder
    assert (encoder.kind, encoder.fusion.kind) == ("dual", "mean")
    assert encoder.image.weights == encoder.text.weights


def test_settings_are_changed_by_words() -> None:
    base = load_preset("cope").encoder
    words = [
        "image.weights=/models/123",
        "image.family=transformers",
        "text.domains=[]",
        "text.trained=false",
        "frames=4",
        "prefixes=[128, 64]",
        "fusion.image_weight=0.7",
    ]
    found = changed(base, words)
    assert (found.image.weights, found.image.family) == ("/models/123", "transformers")
    assert (found.text.domains, found.text.trained, found.frames) == ((), False, 4)
    assert (found.prefixes, found.fusion.image_weight) == ((128, 64), 0.7)
    assert changed(base, []) == base


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("frames", "want KEY=VALUE"),
        ("frames=many", "'many' is no number"),
        ("frames=99", "frames is 99, but must be from 1 to 64"),
        ("fusion.kind=sum", "kind is 'sum', which is none of concat"),
        ("pictures.weights=x", "there is no part 'pictures'"),
        ("frames.most=1", "there is no part 'frames'"),
        ("image.wights=1", "'wights', which is none of"),
        ('text.domains=["shop"]', "should be a list of page, video, live"),
        ("prefixes=[1.5]", "should be a list of int values"),
        ("temporal.heads=3", r"temporal\.heads is 3, but must divide fusion\.dim, 128"),
    ],
)
def test_a_wrong_word_is_named(word: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        changed(load_preset("cope").encoder, [word])

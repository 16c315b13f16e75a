"""Where settings come from, who wins, and what is refused by name."""

from pathlib import Path

import pytest

from models.errors import SettingsError
from stream.settings import Settings, known_names, load_settings, with_sets


def load(
    tmp_path: Path, toml: str = "", flags: dict[str, object] | None = None, **env: str
) -> Settings:
    path = tmp_path / "settings.toml"
    path.write_text(toml)
    return load_settings(flags, path, env)


def test_flags_beat_environment_beats_file_beats_default(tmp_path: Path) -> None:
    toml = "[kafka]\npartitions = 8\n[tag]\nenter = 4\n[asr]\nlanguage = 'de'\n"
    found = load(
        tmp_path,
        toml,
        {"tag.enter": "5"},
        LIVESHELF_TAG__ENTER="6",
        LIVESHELF_KAFKA__PARTITIONS="2",
    )
    assert (found.tag.enter, found.kafka.partitions, found.asr.language) == (5, 2, "de")
    assert found.tag.leave == Settings().tag.leave


ENVIRONMENT = [
    ("LIVESHELF_KAFKA__BOOTSTRAP_SERVER", "did you mean LIVESHELF_KAFKA__BOOTSTRAP_SERVERS"),
    ("LIVESHELF_KAFAK__PARTITIONS", "did you mean LIVESHELF_KAFKA__PARTITIONS"),
    ("LIVESHELF_NONSENSE", "LIVESHELF_NONSENSE is not a setting"),
]
FILES = [
    ("[kafka]\npartition = 3\n", "kafka.partition is not a setting; did you mean kafka.partitions"),
    ("tag = 3\n", "tag is not a setting"),
    ("[kafka\n", "settings.toml"),
]


@pytest.mark.parametrize(("name", "said"), ENVIRONMENT)
def test_unknown_variable_refuses_to_start_with_the_nearest_name(
    tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        load(tmp_path, "", None, **{name: "1"})


@pytest.mark.parametrize(("toml", "said"), FILES)
def test_unknown_key_of_a_file_refuses_to_start(tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(tmp_path, toml)


def test_unknown_flag_and_wrong_value_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"did you mean tag\.enter"):
        load(tmp_path, "", {"tag.entr": 3})
    with pytest.raises(SettingsError, match=r"tag\.enter is 'many'"):
        load(tmp_path, "", {"tag.enter": "many"})


def test_a_few_settings_may_differ_from_what_is_set(tmp_path: Path) -> None:
    found = load(tmp_path, "[tag]\nenter = 4\nleave = 7\n")
    other = with_sets(found, ["tag.enter=1", "match.threshold=0.25", "metrics.host=::1"])
    assert (other.tag.enter, other.tag.leave, other.match.threshold) == (1, 7, 0.25)
    assert (found.tag.enter, found.match.threshold) == (4, None)
    assert with_sets(found, ()) == found


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("tag.enter", "'tag.enter': want GROUP.KEY=VALUE"),
        ("tag.entr=3", r"tag\.entr is not a setting; did you mean tag\.enter"),
        ("tag.enter=often", r"tag\.enter is 'often'"),
    ],
)
def test_a_setting_that_cannot_differ_so_is_refused(told: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        with_sets(Settings(), [told])


def test_a_reader_of_screens_without_threads_or_lines_is_refused(tmp_path: Path) -> None:
    assert load(tmp_path, LIVESHELF_OCR__EVERY_MS="0").ocr.every_ms == 0
    with pytest.raises(SettingsError, match=r"ocr\.threads is 0; at least 1"):
        load(tmp_path, "", {"ocr.threads": 0})


def test_missing_settings_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings(None, tmp_path / "none.toml", {})


def test_java_home_of_the_environment_counts_where_none_is_set(tmp_path: Path) -> None:
    assert load(tmp_path, JAVA_HOME="/opt/java").paths.java_home == Path("/opt/java")
    toml = "[paths]\njava_home = '/opt/newer'\n"
    assert load(tmp_path, toml, JAVA_HOME="/opt/java").paths.java_home == Path("/opt/newer")
    assert load(tmp_path, JAVA_HOME="").paths.java_home is None


def test_children_see_the_very_same_settings(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        "[models]\nsources = ['cache', 'hub']\n[match]\nthreshold = 0.25\n[tag]\nenter = 4\n"
        "[ocr]\nenabled = true\n",
    )
    assert load_settings(None, None, found.as_environment()) == found
    assert found.ocr.enabled
    assert set(found.as_environment()) <= known_names()


def test_tags_that_are_settled_before_their_words_come_refuse_to_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"tag.correct_ms is 20000: .* together, 27500"):
        load(tmp_path, "[tag]\ncorrect_ms = 20000\n")
    whole = load(tmp_path, "[tag]\ncorrect_ms = 0\n[align]\nearly = false\n")
    assert (whole.tag.correct_ms, whole.align.early) == (0, False)

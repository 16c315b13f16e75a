"""`liveshelf rooms calibrate`: what it writes is what is served with, and nothing else is."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.calibrate import SCOPES, Scope
from models.checkpoint import CARD, PRESETS, load_checkpoint
from models.errors import InputError, MismatchError, SettingsError
from models.evidence import EvidenceWeights
from models.scope_calibration import ScopeCalibration, ScopeClips, calibrate_scope
from stream.rooms_calibrate import CalibrateOrder, calibrate_rooms, told, write_calibration
from stream.rooms_evidence import evidence_settings
from stream.setting_groups import MatchSettings, ModelSettings
from stream.settings import Settings
from stream.stages.loading import thresholds_of
from workers.decision import refuse_mismatch
from workers.rooms.calibration_table import as_markdown

OWNER = ("a" * 64, "1234" * 4, "")
EVIDENCE: dict[Scope, tuple[EvidenceWeights, ...]] = {
    "cart": (EvidenceWeights(-20.0, {"vision": 27.0}),)
}


def found() -> dict[Scope, ScopeCalibration]:
    draw = np.random.default_rng(0)
    scores = draw.uniform(0, 1, 600)
    right = draw.random(600) < scores
    clips = ScopeClips(scores, right, right, tuple(f"room-{n % 6}" for n in range(600)))
    return {
        scope: replace(calibrate_scope(clips, 0.8), evidence=EVIDENCE.get(scope, ()))
        for scope in SCOPES
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PRESETS / "untrained", tmp_path / "mine"))


def test_what_was_written_is_served_with_at_its_precision_and_as_probabilities(
    folder: Path,
) -> None:
    made = found()
    write_calibration(folder, made, OWNER, as_markdown(made, ["room-1"], taken_out=True))
    settings = replace(Settings(), models=ModelSettings(encoder=str(folder)))
    rules = thresholds_of(settings)
    assert set(rules) == set(made)
    for scope, rule in rules.items():
        assert (rule.fingerprint, rule.index, rule.build) == OWNER
        assert (rule.score, rule.precision) == (made[scope].threshold, 0.8)
        assert rule.probability(0.7) == made[scope].curve.probability(0.7)
        assert rule.probability(rule.score) == pytest.approx(0.62, abs=0.1)
        assert rule.evidence == EVIDENCE.get(scope, ())
    refuse_mismatch(rules, *OWNER)
    with pytest.raises(MismatchError, match=r"belongs to index version 1234.*is index version 99"):
        refuse_mismatch(rules, OWNER[0], "99", "")
    card = (folder / CARD).read_text(encoding="utf-8")
    assert "Calibrated by `liveshelf rooms calibrate` on the whole rooms room-1." in card
    assert {one.version for one in load_checkpoint(folder).calibrations} == {
        rule.version for rule in rules.values()
    }


def test_another_fit_or_another_index_has_another_version(folder: Path) -> None:
    versions = set()
    for owner in (OWNER, (OWNER[0], "5678" * 4, ""), (*OWNER[:2], "b1")):
        write_calibration(folder, found(), owner, ["told"])
        (one, *_) = load_checkpoint(folder).calibrations
        versions.add(one.version)
    assert len(versions) == 3


def test_tables_and_lines_tell_the_figures_of_every_scope_and_curve() -> None:
    made = found()
    table = "\n".join(as_markdown(made, ["room-1", "room-2"], taken_out=False))
    for scope, one in made.items():
        assert f"| {scope} | {one.threshold:.4f} | 0.8 |" in table
        assert f"| {one.fpr_at_95_tpr:.3f} | 600 | {one.nothings} |" in table
        for method, held in one.held_out.items():
            assert f"| {scope} | {method} | {held.expected_error:.4f} |" in table
    assert "room-1, room-2" in table
    assert "counts again" not in table
    assert "counts again" in "\n".join(as_markdown(made, [], taken_out=True))
    lines = told(made)
    assert [line.split(":")[0] for line in lines] == ["cart", "shop", "catalogue"]
    assert all("FPR at 95 % TPR" in line and "calibration error" in line for line in lines)


def test_rooms_are_played_for_every_candidate_by_the_vector_alone(tmp_path: Path) -> None:
    played = evidence_settings(Settings(), tmp_path, tmp_path / "c.jsonl").match
    assert (played.sounds_weight, played.step_down) == (0.0, "empty")
    assert played.top_k >= 1_000


def test_what_cannot_be_calibrated_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    order = CalibrateOrder((), tmp_path / "c.jsonl", tmp_path)
    unknown = replace(Settings(), models=ModelSettings(encoder="zero-shot:somebody/model"))
    with pytest.raises(InputError, match="is no checkpoint that could be calibrated"):
        calibrate_rooms(unknown, order)
    fixed = replace(Settings(), match=MatchSettings(sounds_weight=2.0))
    with pytest.raises(SettingsError, match=r"match\.sounds_weight is set to 2"):
        calibrate_rooms(fixed, order)

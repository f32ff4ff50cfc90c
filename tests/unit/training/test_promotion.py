"""Promotion and roll-back of toy bundles through a real registry, gates and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.refresh import encoder_in_use
from kb_index.store import read_pointer
from models.bundle import WEIGHTS_FILE
from models.champion import champion_version, install, switching
from models.errors import BusyBundlesError
from models.history import Action, Change, append, read_history
from serving.offline import open_offline_desk
from serving.settings import Settings
from tests.unit.training.registrar import Registrar, quick_gates
from training import promotion
from training.errors import TrainingError
from training.pipeline import TrainedRun
from training.promotion import Candidacy, promote, roll_back, tell_registry_of_roll_back
from training.registry import CHALLENGER, CHAMPION, list_versions

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of MLflow and its dependencies
    pytest.mark.timeout(900),  # the registry's tables take a while on a busy disk
]


@pytest.fixture
def root(settings: Settings) -> Path:
    return settings.models.bundles


def index_encoder(settings: Settings) -> str:
    return encoder_in_use(settings.index.root)


def test_promote_first_is_judged_alone_served_and_recorded(
    registrar: Registrar, settings: Settings, root: Path
) -> None:
    done = registrar.promote("good")
    assert done.promoted
    assert done.contest.champion is None
    assert champion_version(root) == done.version.bundle
    assert open_offline_desk(settings).bundle_version == done.version.bundle
    assert registrar.aliases("good") == (CHAMPION,)
    (record,) = read_history(root).records
    assert (record.change.before, record.change.after, record.change.actor) == (
        None,
        done.version.bundle,
        "ana",
    )
    assert record.change.figures["challenger"]["language"]["ja"]["topic_accuracy"] > 0.8
    assert all(verdict["passed"] for verdict in record.change.gates)


def test_promote_equal_bundle_passes_and_one_that_confuses_topics_is_refused_with_reasons(
    registrar: Registrar, root: Path
) -> None:
    first = registrar.promote("good")
    again = registrar.promote("again")
    assert again.promoted
    assert again.contest.compared
    refused = registrar.promote("worse")
    assert not refused.promoted
    assert any("topic_accuracy over all tickets" in reason for reason in refused.contest.reasons)
    assert champion_version(root) == again.version.bundle
    assert registrar.aliases("again") == (CHAMPION,)
    assert registrar.aliases("worse") == ()
    actions = [record.change.action for record in read_history(root).records]
    assert actions == [Action.PROMOTE, Action.PROMOTE, Action.REFUSE]
    assert read_history(root).served() == [first.version.bundle, again.version.bundle]
    assert read_history(root).problem == ""


def test_promote_forced_is_served_and_the_reason_recorded(registrar: Registrar, root: Path) -> None:
    registrar.promote("good")
    forced = registrar.promote("worse", force="ein Versuch, 试验")
    assert forced.promoted
    assert champion_version(root) == forced.version.bundle
    record = read_history(root).records[-1]
    assert record.change.forced == "ein Versuch, 试验"
    assert not all(verdict["passed"] for verdict in record.change.gates)


def test_promote_force_where_nothing_refuses_is_no_force(registrar: Registrar, root: Path) -> None:
    registrar.promote("good", force="just in case")
    assert read_history(root).records[-1].change.forced is None


@pytest.mark.parametrize("reference", [CHALLENGER, "bundle", "beginning"])
def test_promote_by_alias_and_by_bundle(registrar: Registrar, reference: str) -> None:
    bundle = registrar.registered.bundles["good"]
    asked = {"bundle": bundle, "beginning": bundle[:8]}.get(reference, reference)
    assert registrar.promote(asked).version.bundle == bundle


def test_promote_unknown_version_says_what_there_is(registrar: Registrar, root: Path) -> None:
    with pytest.raises(TrainingError, match="registry list"):
        registrar.promote("99")
    assert read_history(root).records == []


def test_promote_damaged_champion_does_not_stand_in_the_way(registrar: Registrar, root: Path) -> None:
    served = registrar.promote("good").version.bundle
    (root / served / WEIGHTS_FILE).write_bytes(b"broken")
    done = registrar.promote("again")
    assert done.promoted
    assert "cannot be opened" in done.contest.note


def test_promote_the_champion_again_repairs_its_files(registrar: Registrar, root: Path) -> None:
    served = registrar.promote("good").version.bundle
    whole = (root / served / WEIGHTS_FILE).read_bytes()
    (root / served / WEIGHTS_FILE).write_bytes(b"broken")
    assert registrar.promote("good").promoted
    assert (root / served / WEIGHTS_FILE).read_bytes() == whole


def test_promote_bundle_whose_encoder_is_away_is_refused_even_by_force(
    registrar: Registrar, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registrar.promote("good")
    folder = registrar.registered.folder
    (folder / "encoder").rename(folder / "moved")
    try:
        done = registrar.promote("other", force="it must")
    finally:
        (folder / "moved").rename(folder / "encoder")
    assert not done.promoted
    assert "cannot be served" in done.contest.reasons[0]
    assert champion_version(root) == registrar.registered.bundles["good"]


def test_promote_another_encoder_brings_its_index_and_roll_back_the_old_one(
    registrar: Registrar, settings: Settings
) -> None:
    registrar.promote("good")
    first = index_encoder(settings)
    other = registrar.promote("other", force="another encoder")
    assert index_encoder(settings) != first
    assert open_offline_desk(settings).bundle_version == other.version.bundle
    roll_back(settings, "ben")
    assert index_encoder(settings) == first
    assert open_offline_desk(settings).bundle_version == registrar.registered.bundles["good"]


def test_promote_refused_bundle_of_another_encoder_leaves_the_index_alone(
    registrar: Registrar, settings: Settings
) -> None:
    registrar.promote("good")
    before = read_pointer(settings.index.root)
    strict = quick_gates()
    tiny = strict.model_copy(update={"size": strict.size.model_copy(update={"bundle_mb": 0.0001})})
    candidacy = Candidacy(registrar.registered.numbers["other"], "ana", tiny)
    assert not promote(registrar.client, candidacy, settings).promoted
    assert read_pointer(settings.index.root) == before


def test_promote_while_another_one_runs_is_refused(registrar: Registrar, root: Path) -> None:
    with switching(root), pytest.raises(BusyBundlesError, match="another promotion"):
        registrar.promote("good")
    assert registrar.promote("good").promoted


def test_promote_that_dies_before_its_record_changes_nothing(
    registrar: Registrar, settings: Settings, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = registrar.promote("good").version.bundle

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(promotion, "append", full)
        with pytest.raises(OSError, match="No space"):
            registrar.promote("again")
    assert champion_version(root) == served
    assert open_offline_desk(settings).bundle_version == served
    assert len(read_history(root).records) == 1
    assert registrar.promote("again").promoted


@pytest.mark.parametrize("name", ["again", "other"])
def test_promote_that_dies_before_the_switch_leaves_the_old_one_served_and_is_noted(
    registrar: Registrar, settings: Settings, root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Also with another encoder, whose index is in place by then."""
    served = registrar.promote("good").version.bundle

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(promotion, "point_to", killed)
        with pytest.raises(KeyboardInterrupt):
            registrar.promote(name, force="for the test")
    assert open_offline_desk(settings).bundle_version == served
    assert read_history(root).records[-1].change.after == registrar.registered.bundles[name]
    assert registrar.promote(name, force="for the test").promoted
    kinds = [record.change.action for record in read_history(root).records]
    assert kinds == [Action.PROMOTE, Action.PROMOTE, Action.FOUND, Action.PROMOTE]
    assert read_history(root).served() == [served, registrar.registered.bundles[name]]
    assert open_offline_desk(settings).bundle_version == registrar.registered.bundles[name]


def test_promote_registry_that_goes_away_after_the_switch_does_not_undo_it(
    registrar: Registrar, root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise TrainingError("the registry cannot be reached")

    monkeypatch.setattr(promotion, "crown", away)
    done = registrar.promote("good")
    assert champion_version(root) == done.version.bundle
    assert "alias champion stays" in caplog.text


def test_roll_back_goes_back_step_by_step_and_then_refuses(
    registrar: Registrar, settings: Settings, root: Path
) -> None:
    bundles = registrar.registered.bundles
    for name in ("good", "again"):
        registrar.promote(name)
    registrar.promote("worse", force="for the test")
    record = roll_back(settings, "ben", "it confuses topics")
    tell_registry_of_roll_back(settings.models.tracking_uri, record)
    assert (record.change.before, record.change.after) == (bundles["worse"], bundles["again"])
    assert (record.change.actor, record.change.note) == ("ben", "it confuses topics")
    assert champion_version(root) == bundles["again"]
    assert registrar.aliases("again") == (CHAMPION,)
    assert roll_back(settings, "ben").change.after == bundles["good"]
    with pytest.raises(TrainingError, match="no bundle was served before"):
        roll_back(settings, "ben")
    assert champion_version(root) == bundles["good"]


def test_roll_back_needs_no_registry(
    registrar: Registrar, settings: Settings, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registrar.promote("good")
    registrar.promote("again")
    record = roll_back(settings, "ben")
    tell_registry_of_roll_back("sqlite:////proc/none/mlflow.db", record)
    assert champion_version(root) == registrar.registered.bundles["good"]
    assert "alias champion stays" in caplog.text


def test_roll_back_to_a_bundle_that_is_gone_or_damaged_is_refused_and_says_what_is_kept(
    registrar: Registrar, settings: Settings, root: Path
) -> None:
    bundles = registrar.registered.bundles
    for name in ("good", "again"):
        registrar.promote(name)
    registrar.promote("worse", force="for the test")
    (root / bundles["again"] / WEIGHTS_FILE).write_bytes(b"broken")
    with pytest.raises(TrainingError, match=rf"{bundles['again']} is not kept whole.*{bundles['good']}"):
        roll_back(settings, "ben")
    assert champion_version(root) == bundles["worse"]
    assert roll_back(settings, "ben", target=bundles["good"]).change.after == bundles["good"]


def test_roll_back_without_a_history_goes_nowhere(settings: Settings) -> None:
    with pytest.raises(TrainingError, match="no bundle was served before"):
        roll_back(settings, "ben")


def test_roll_back_to_a_bundle_served_before_there_was_a_history(
    registrar: Registrar, settings: Settings, root: Path, run: TrainedRun
) -> None:
    root.mkdir(parents=True, exist_ok=True)
    install(run.folder, root, run.bundle.version)
    append(root, Change(Action.REFUSE, "ana", run.bundle.version, "aaaaaaaaaaaa"))
    registrar.promote("again")
    assert roll_back(settings, "ben").change.after == run.bundle.version


def test_list_versions_newest_first_with_their_aliases(registrar: Registrar) -> None:
    registrar.promote("good")
    rows = list_versions(registrar.client)
    assert [row.version for row in rows] == ["4", "3", "2", "1"]
    assert [row.aliases for row in rows] == [(), (), (), (CHAMPION,)]

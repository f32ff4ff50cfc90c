"""`firstline config check`: each mistake gives one line with the key's path."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving.settings import check
from serving.settings.load import SHIPPED_FILE, parse_settings

Values = dict[str, Any]
ARTICLES = ("KB001", "KB002", "KB018")


def shipped() -> Values:
    values: Values = yaml.safe_load(SHIPPED_FILE.read_text("utf-8"))
    return values


def check_values(
    tmp_path: Path, edit: Callable[[Values], object], environ: dict[str, str] | None = None
) -> list[str]:
    values = shipped()
    edit(values)
    path = tmp_path / "support.yaml"
    path.write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")
    return [str(problem) for problem in check(path, ARTICLES, {"human_agent"}, environ or {})]


def test_shipped_file_has_no_problem() -> None:
    from data.taxonomy import load_taxonomy

    taxonomy = load_taxonomy()
    assert check(SHIPPED_FILE, taxonomy.article_ids, taxonomy.by_name, {}) == []


def _rule(values: Values, number: int) -> Values:
    rule: Values = values["routing"]["rules"][number]
    return rule


MISTAKES: list[tuple[Callable[[Values], object], str]] = [
    (lambda v: v.update(chanels={}), "chanels: unknown key 'chanels'; did you mean 'channels'?"),
    (lambda v: v["service"].update(prt=1), "service.prt: unknown key 'prt'; did you mean 'port'?"),
    (
        lambda v: v["channels"].update(emial=v["channels"]["email"]),
        "channels.emial: unknown key 'emial'; did you",
    ),
    (lambda v: v["channels"].pop("sms"), "channels: lacks sms"),
    (lambda v: v["channels"]["sms"].pop("web_link"), "channels.sms.web_link: is needed"),
    (
        lambda v: v["channels"]["email"].update(web_link="https://x.example"),
        "channels.email.web_link: is used only",
    ),
    (lambda v: v.pop("sla"), "sla: is missing; add it"),
    (lambda v: v["service"].update(port="eighty"), "service.port: must be a valid integer, unable to parse"),
    (
        lambda v: v["service"].update(port=99999),
        "service.port: must be less than or equal to 65535, not 99999",
    ),
    (
        lambda v: v["models"].update(heads="large"),
        "models.heads: unknown value 'large'; known: fine_tuned, light",
    ),
    *(
        (
            lambda v, key=key, value=value: v["models"]["fine_tuning"].update({key: value}),
            f"models.fine_tuning.{key}: {said}",
        )
        for key, value, said in (
            ("precision", "int8", "unknown value 'int8'; known: bf16, fp16, fp32"),
            ("learning_rate", 0, "must be greater than 0"),
            ("learning_rate", 1, "must be less than 1"),
            ("max_length", 2, "must be greater than or equal to 8"),
            ("processes", 0, "must be greater than or equal to 1"),
            ("patience", 0, "must be greater than or equal to 1"),
            ("epoch", 3, "unknown key 'epoch'; did you mean 'epochs'?"),
        )
    ),
    (lambda v: v["logging"].update(level="LOUD"), "logging.level: must be 'DEBUG', 'INFO'"),
    (lambda v: v["database"].update(url="firstline.db"), "database.url: "),
    (lambda v: v["gate"].update(fallback_threshold="maybe"), "gate.fallback_threshold: must be 'never'"),
    (lambda v: v["gate"].update(fallback_threshold=1.2), "gate.fallback_threshold: "),
    (
        lambda v: v["gate"].update(never_sentiments=["angry"]),
        "gate.never_sentiments[0]: unknown value 'angry'",
    ),
    (
        lambda v: v["gate"]["never_phrases"].update(x={"en": ["a*"]}),
        "gate.never_phrases.x.en[0]: 'a*': '*' needs",
    ),
    (
        lambda v: v["gate"]["never_phrases"]["legal"].update(it=["a"]),
        "gate.never_phrases.legal.it: unknown key 'it'",
    ),
    (lambda v: v["priority"]["at_least"].update(high=9), "priority.at_least: must fall"),
    (lambda v: v["priority"]["tier"].pop("gold"), "priority.tier: lacks gold"),
    (lambda v: v["priority"]["tier"].update(silver=1), "priority.tier.silver: unknown key 'silver'"),
    (
        lambda v: _rule(v, 1).update(queue="foo"),
        "routing.rules[1].queue: unknown queue 'foo'; known: billing_spec",
    ),
    (
        lambda v: _rule(v, 1).update(id="VIP_001"),
        "routing.rules[1].id: 'VIP_001' is the id of an earlier rule",
    ),
    (lambda v: _rule(v, 1).update(when={}), "routing.rules[1].when: matches everything"),
    (lambda v: _rule(v, 5).update(when={"tiers": ["gold"]}), "routing.rules[5].when: must be empty"),
    (
        lambda v: _rule(v, 0)["when"].update(tiers=["vip"]),
        "routing.rules[0].when.tiers[0]: unknown value 'vip'",
    ),
    (lambda v: _rule(v, 0).update(notify=["vip"]), "routing.rules[0].notify[0]: "),
    (
        lambda v: _rule(v, 4)["when"]["keywords"].update(en=[".."]),
        "routing.rules[4].when.keywords.en[0]: '..': must",
    ),
    (lambda v: v["routing"]["queues"].append("spare"), "routing.queues[6]: no rule uses 'spare'"),
    (lambda v: v["sla"]["targets"]["chat"].pop("low"), "sla.targets.chat: lacks low"),
    (lambda v: v["sla"]["targets"].update(fax={}), "sla.targets.fax: unknown key 'fax'"),
    (lambda v: v["sla"]["tier_factor"].pop("gold"), "sla.tier_factor: lacks gold"),
    (lambda v: v["intake"].update(read_characters=200000), "intake.read_characters: must not be more"),
    (lambda v: v["satisfaction"].update(passive_from=10), "satisfaction.passive_from: must not be more"),
    (lambda v: v["replies"].update(company="x" * 41), "replies.company: "),
    (
        lambda v: v["replies"].update(contact="${FIRSTLINE_DESK}"),
        "replies.contact: the variable FIRSTLINE_DESK is",
    ),
    (lambda v: v["replies"].update(contact="${oops"), "replies.contact: '${oops' is not a variable"),
    (lambda v: v["gate"].update(never_articles=["KB999"]), "gate.never_articles[0]: unknown article 'KB999'"),
    (
        lambda v: v["gate"].update(never_topics=["human_agnt"]),
        "gate.never_topics[0]: unknown topic 'human_agnt'; did",
    ),
    (lambda v: v.update(surveys={}), "surveys: unknown key 'surveys'"),
]


@pytest.mark.parametrize(("edit", "start"), MISTAKES, ids=[start for _, start in MISTAKES])
def test_mistake_gives_one_line_with_the_path(
    tmp_path: Path, edit: Callable[[Values], object], start: str
) -> None:
    lines = check_values(tmp_path, lambda v: (v["gate"].update(never_topics=["human_agent"]), edit(v)))
    assert [line[: len(start)] for line in lines] == [start]
    assert "\n" not in lines[0]


def test_misspelt_variable_of_ours_is_a_problem(tmp_path: Path) -> None:
    lines = check_values(tmp_path, _only_known_topic, {"FIRSTLINE_PROT": "1", "PATH": "/bin"})
    assert lines[0].startswith("environment.FIRSTLINE_PROT: unknown variable 'FIRSTLINE_PROT'; did you mean")
    assert len(lines) == 1


def _only_known_topic(values: Values) -> None:
    values["gate"]["never_topics"] = ["human_agent"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "line "),
        ("a: 1\na: 2", "line 2: the key 'a' is given twice"),
        ("- 1", "must be a mapping of sections"),
        ("", "must be a mapping of sections"),
        ("a: \x00", "is not YAML"),
    ],
)
def test_file_that_is_no_mapping_is_one_problem(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "support.yaml"
    path.write_text(text, "utf-8")
    problems = check(path, ARTICLES, environ={})
    assert len(problems) == 1
    assert str(problems[0]).startswith(message)


def test_missing_and_binary_files_are_problems(tmp_path: Path) -> None:
    assert "cannot be read" in str(check(tmp_path / "none.yaml", ARTICLES, environ={})[0])
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8" in str(check(binary, ARTICLES, environ={})[0])


def test_parse_gives_settings_or_problems_never_both() -> None:
    settings, problems = parse_settings(shipped(), {})
    assert settings is not None
    assert problems == []
    broken = shipped()
    broken["routing"]["rules"][0]["queue"] = "foo"
    settings, problems = parse_settings(broken, {})
    assert settings is None
    assert [problem.path for problem in problems] == ["routing.rules[0].queue"]

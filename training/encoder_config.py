"""What ``firstline train encoder`` is told: a dataclass, a TOML file, and options over both."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from data.errors import DataError
from data.taxonomy import CORPUS_DIR
from models.encoder import DEFAULT_ENCODER, ENCODERS_DIR
from training import teacher
from training.distillation import DistillationConfig
from training.transformer_student import StudentKind, TransformerConfig

CONFIG_FILE = "training.toml"
SHIPPED = "shipped"
"""In a file, stands for the corpus that Firstline ships; an empty text for none."""
PATHS = frozenset({"parallel", "corpus", "own", "work", "output", "tokenizer"})


@dataclass(frozen=True)
class EncoderConfig:
    """How an encoder is trained.

    Attributes:
        student: what is made: a static encoder, or a small transformer.
        parallel: folder of the parallel text, see `training.parallel_text`.
        corpus: a corpus whose articles, tickets and tone phrases join in; None leaves them out.
        own: more text, a company's own, see `training.own_text`.
        work: where intermediate results are kept.
        output: where the finished encoder is written.
        tokenizer: a SentencePiece model to use; None trains one of `vocabulary` pieces on the text.
        bigrams: how many frequent token pairs get a vector of their own.
        bits: of a number in the finished table, 4 or 8.
        taught: at most this many English sentences are shown to the teacher.
        noise_share: share of the sides that get typing errors or lose their accents.
        support_weight: how much more often a help-desk text is drawn than general prose.
        distillation: how a static student is trained; `tokenizer` to `bits` and `noise_share` are only for it.
        transformer: how a transformer student is built and trained.
    """

    parallel: Path
    student: StudentKind = StudentKind.STATIC
    corpus: Path | None = CORPUS_DIR
    own: Path | None = None
    work: Path = Path("var/encoder")
    output: Path = ENCODERS_DIR / DEFAULT_ENCODER
    name: str = DEFAULT_ENCODER
    teacher: str = teacher.DEFAULT_TEACHER
    tokenizer: Path | None = None
    vocabulary: int = 50_000
    bigrams: int = 44_000
    bits: int = 4
    taught: int = 190_000
    noise_share: float = 0.2
    support_weight: float = 2.0
    distillation: DistillationConfig = field(default_factory=DistillationConfig)
    transformer: TransformerConfig = field(default_factory=TransformerConfig)


TABLES = {StudentKind.STATIC: "distillation", StudentKind.TRANSFORMER: "transformer"}
"""The fields of `EncoderConfig` that are tables of their own in a file, by the student they belong to."""


def resolve_config(path: Path | None, options: Mapping[str, Any]) -> EncoderConfig:
    """Returns the configuration of a TOML file with `options` over it; what neither names has its default.

    Args:
        path: keys are the fields of `EncoderConfig`, ``[distillation]`` and ``[transformer]`` those of its tables;
            or None.
        options: values by field of `EncoderConfig` or of the student's table.

    Raises:
        DataError: it is not TOML, a key is unknown or missing, or a value has the wrong type.
    """
    where = "the options" if path is None else str(path)
    raw: dict[str, Any] = {} if path is None else _read_toml(path)
    tables = {name: raw.pop(name, {}) for name in TABLES.values()}
    blank = EncoderConfig(parallel=Path())
    raw.update({name: value for name, value in options.items() if hasattr(blank, name)})
    student = _parse("student", raw.get("student", StudentKind.STATIC), StudentKind.STATIC, where)
    tables[TABLES[student]].update(
        {name: value for name, value in options.items() if not hasattr(blank, name)}
    )
    if not raw.get("parallel"):
        raise DataError(f"{where}: name the folder of the parallel text with --parallel or a key parallel")
    filled = {
        name: _fill(getattr(blank, name), table, f"{where}: [{name}]") for name, table in tables.items()
    }
    raw = {"work": "var/encoder", "output": f"var/encoder/firstline-{student}", **raw}
    config: EncoderConfig = replace(_fill(blank, raw, where), **filled)
    return config


def write_config(config: EncoderConfig, path: Path) -> None:
    """Writes every value, so that `read_config` gives the same configuration."""
    values = asdict(config)
    tables = {name: values.pop(name) for name in TABLES.values()}
    lines = [f"{key} = {_toml(key, value)}" for key, value in values.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_toml(key, value)}" for key, value in table.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not a configuration: {error}") from error
    for name in TABLES.values():
        if not isinstance(raw.get(name, {}), dict):
            raise DataError(f"{path}: {name} is a table: [{name}]")
    return raw


def _fill(blank: Any, raw: dict[str, Any], where: str) -> Any:
    known = {entry.name: getattr(blank, entry.name) for entry in fields(blank)}
    values = {}
    for key, value in raw.items():
        if key not in known:
            raise DataError(f"{where}: unknown key {key!r}; known: {', '.join(known)}")
        values[key] = _parse(key, value, known[key], where)
    return replace(blank, **values)


def _parse(key: str, value: Any, default: Any, where: str) -> Any:
    if key in PATHS and isinstance(value, str | Path):
        return CORPUS_DIR if value == SHIPPED else Path(value) if str(value) else None
    if isinstance(default, StrEnum):
        return _one_of(key, value, type(default), where)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if key in PATHS or type(value) is not type(default):
        raise DataError(f"{where}: {key} = {value!r} should be {_kind(default)}")
    return value


def _one_of(key: str, value: Any, choices: type[StrEnum], where: str) -> StrEnum:
    try:
        return choices(value)
    except ValueError:
        raise DataError(f"{where}: {key} = {value!r} should be one of {', '.join(choices)}") from None


def _kind(default: Any) -> str:
    names = {int: "a whole number", float: "a number", str: "a text"}
    return names.get(type(default), "a path")


def _toml(key: str, value: Any) -> str:
    if key in PATHS:
        return json.dumps(SHIPPED if value == CORPUS_DIR else "" if value is None else str(value))
    return json.dumps(value, ensure_ascii=False)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.settings.interpolation import (
    UnclosedVariableError,
    UnsetVariableError,
    interpolate,
    variables,
)


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    [
        ("plain", {}, "plain"),
        ("costs $5 {x}", {}, "costs $5 {x}"),
        ("${A}", {"A": "1"}, "1"),
        ("x${A}y${B}z", {"A": "1", "B": "2"}, "x1y2z"),
        ("${A:-two}", {}, "two"),
        ("${A:-two}", {"A": ""}, "two"),
        ("${A:-}", {}, ""),
        ("${URL:-sqlite:///${VAR:-var}/x.db}", {}, "sqlite:///var/x.db"),
        ("${URL:-sqlite:///${VAR:-var}/x.db}", {"VAR": "/data"}, "sqlite:////data/x.db"),
        ("${URL:-sqlite:///${VAR}/x.db}", {"URL": "postgresql://h/d"}, "postgresql://h/d"),
        ("${A}", {"A": "${B}"}, "${B}"),
        ("$${A}", {"A": "1"}, "${A}"),
    ],
)
def test_interpolate(text: str, environ: dict[str, str], expected: str) -> None:
    assert interpolate(text, environ) == expected


def test_interpolate_unset_without_default_names_the_variable() -> None:
    with pytest.raises(UnsetVariableError, match="TOKEN"):
        interpolate("a ${TOKEN} b", {})


@pytest.mark.parametrize("text", ["${A", "${}", "${A-b}", "${A:-b", "${1}"])
def test_interpolate_malformed_is_refused(text: str) -> None:
    with pytest.raises(UnclosedVariableError):
        interpolate(text, {})


@given(st.text(max_size=50), st.text(max_size=50))
def test_interpolate_takes_values_as_they_are(before: str, value: str) -> None:
    if value and "$" not in before:
        assert interpolate(before + "${X}", {"X": value}) == before + value


def test_variables_lists_the_nested_ones_too() -> None:
    assert variables("${URL:-sqlite:///${VAR:-var}/x} $${NOT}") == ["URL", "VAR"]

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import DataError
from data.schema import Category
from data.taxonomy import load_taxonomy

TWO_TOPICS = """
[pago]
category = "billing"
group = "cobros"
article = "KB900"
wish = "pagar"

[人工]
category = "other"
group = "其他"
wish = "转人工"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "taxonomy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_load_taxonomy_own_topics_replace_the_shipped_ones(tmp_path: Path) -> None:
    taxonomy = load_taxonomy(write(tmp_path, TWO_TOPICS.replace("[人工]", '["人工"]')))
    assert list(taxonomy.by_name) == ["pago", "人工"]
    assert taxonomy.by_name["pago"].category is Category.BILLING
    assert taxonomy.by_name["人工"].article_id is None
    assert taxonomy.article_ids == {"KB900"}
    assert taxonomy.groups == ("cobros", "其他")


def test_load_taxonomy_shipped_file_is_complete() -> None:
    taxonomy = load_taxonomy()
    assert (len(taxonomy.topics), len(taxonomy.article_ids)) == (61, 53)
    assert {topic.category for topic in taxonomy.topics} == set(Category)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[pago\n", "is not TOML"),
        ('[pago]\ncategory = "billing"\ngroup = "g"\n', "topic 'pago' has no 'wish'"),
        ('[pago]\ncategory = "cats"\ngroup = "g"\nwish = "w"\n', "topic 'pago': 'cats'"),
    ],
)
def test_load_taxonomy_malformed_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_taxonomy(write(tmp_path, text))


def test_load_taxonomy_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read the taxonomy"):
        load_taxonomy(tmp_path / "none.toml")

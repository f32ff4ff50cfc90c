"""Public text sets through `datasets`: a hub id, or a local folder of JSON lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.errors import DataError

OUT_OF_SCOPE = "oos"


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One row of a public set.

    Attributes:
        language: ISO 639-1 code, or empty where the set does not say.
        group: rows of one group are versions of each other, e.g. translations; empty where the set does not say.
    """

    text: str
    label: str
    language: str
    group: str = ""


def load_public_set(
    source: str, split: str = "train", text_column: str = "text", label_column: str = "label"
) -> list[LabelledText]:
    """Returns the rows of one split of a public set.

    Args:
        source: a folder holding ``<split>.jsonl`` or ``<language>.<split>.jsonl`` files, or a hub id.
        split: e.g. ``train``, ``dev``, ``test``.
        text_column: the column of the text.
        label_column: the column of the label; class indices of a hub set become their names.

    Raises:
        DataError: the set, the split or a column is not there.
    """
    folder = Path(source)
    if folder.is_dir():
        return _read_folder(folder, split, text_column, label_column)
    return _read_hub(source, split, text_column, label_column)


def _read_folder(folder: Path, split: str, text_column: str, label_column: str) -> list[LabelledText]:
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError

    files = sorted([*folder.glob(f"{split}.jsonl"), *folder.glob(f"*.{split}.jsonl")])
    if not files:
        raise DataError(f"no {split}.jsonl and no <language>.{split}.jsonl in {folder}")
    rows: list[LabelledText] = []
    for file in files:
        language = file.name.removesuffix(f"{split}.jsonl").rstrip(".")
        try:
            dataset = load_dataset("json", data_files=str(file), split="train")
        except (OSError, ValueError, DatasetsError) as error:
            raise DataError(f"{file} is not a file of JSON lines: {error}") from error
        rows.extend(_convert(dataset, str(file), language, text_column, label_column))
    return rows


def _read_hub(source: str, split: str, text_column: str, label_column: str) -> list[LabelledText]:
    from datasets import load_dataset

    try:
        dataset = load_dataset(source, split=split)
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(
            f"{source!r} is neither a folder here nor a set the hub gives ({error}). "
            "Name a local folder with train.jsonl, or check the id and the network."
        ) from error
    return _convert(dataset, source, "", text_column, label_column)


def _convert(dataset, where: str, language: str, text_column: str, label_column: str) -> list[LabelledText]:  # type: ignore[no-untyped-def]
    for column in (text_column, label_column):
        if column not in dataset.column_names:
            raise DataError(f"{where}: no column {column!r}; there are {', '.join(dataset.column_names)}")
    names = getattr(dataset.features[label_column], "names", None)
    return [
        LabelledText(
            text=str(row[text_column]),
            label=names[row[label_column]] if names else str(row[label_column]),
            language=str(row.get("language", language) or language),
        )
        for row in dataset
    ]

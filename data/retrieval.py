"""Sets of documents and of queries that ask for one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.errors import DataError
from data.json_lines import read_objects, text_of


@dataclass(frozen=True, slots=True)
class Document:
    """A text that may be found."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question.

    Attributes:
        document: id of the document that answers it.
    """

    id: str
    text: str
    document: str


def load_documents(path: Path) -> list[Document]:
    """Returns the documents of a file of JSON lines ``{"id", "text"}``.

    Raises:
        DataError: there is none, a row is not one, or an id is there twice.
    """
    documents: dict[str, Document] = {}
    for where, row in read_objects(path):
        found = Document(text_of(row, "id", where), text_of(row, "text", where))
        if found.id in documents:
            raise DataError(f"{where}: the document {found.id!r} is there twice; give each an id of its own")
        documents[found.id] = found
    if not documents:
        raise DataError(f'{path}: no document; rows are {{"id": …, "text": …}}')
    return list(documents.values())


def load_queries(path: Path) -> list[Query]:
    """Returns the queries of a file of JSON lines ``{"id", "text", "doc"}``; the same id may stand there twice.

    Raises:
        DataError: there is none, or a row is not one.
    """
    queries = [
        Query(text_of(row, "id", where), text_of(row, "text", where), text_of(row, "doc", where))
        for where, row in read_objects(path)
    ]
    if not queries:
        raise DataError(f'{path}: no query; rows are {{"id": …, "text": …, "doc": …}}')
    return queries

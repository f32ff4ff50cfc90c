"""Tickets of Zendesk's interface (incremental export, comments merged in) as flat rows.

https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SYSTEM_AUTHOR = -1
LONGEST_REPLY = 20_000


def flatten_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a row whose nested objects are columns of their own.

    ``via.channel`` becomes ``via``, a custom field ``custom_field.<id>``; the public comments of anybody but the
    requester become ``reply``. Any other nested object becomes ``name.key``.
    """
    if not any(isinstance(value, dict | list) for value in row.values()):
        return row
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if name == "via" and isinstance(value, dict):
            flat["via"] = value.get("channel")
        elif name in ("custom_fields", "fields") and isinstance(value, list):
            flat |= _custom_fields(value)
        elif isinstance(value, dict):
            flat |= {f"{name}.{key}": inner for key, inner in value.items()}
        elif name != "comments":
            flat[name] = value
    comments = row.get("comments")
    if isinstance(comments, list):
        flat |= _conversation(row, [comment for comment in comments if isinstance(comment, dict)])
    return flat


def _custom_fields(fields: Sequence[Any]) -> dict[str, Any]:
    return {
        f"custom_field.{field['id']}": field.get("value")
        for field in fields
        if isinstance(field, dict) and "id" in field
    }


def _conversation(row: Mapping[str, Any], comments: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Returns the first message where the ticket itself has none, and what people answered in public."""
    if not comments:
        return {}
    requester = row.get("requester_id") or comments[0].get("author_id")
    replies = [
        _body(comment)
        for comment in comments[1:]
        if comment.get("public") is not False
        and comment.get("author_id") not in (requester, SYSTEM_AUTHOR, None)
    ]
    found = {} if row.get("description") else {"description": _body(comments[0])}
    return {**found, "reply": "\n\n".join(replies)[:LONGEST_REPLY]} if replies else found


def _body(comment: Mapping[str, Any]) -> str:
    for name in ("plain_body", "body", "html_body"):
        if isinstance(comment.get(name), str):
            return str(comment[name])
    return ""

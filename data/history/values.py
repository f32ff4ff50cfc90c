"""Dates and channels as helpdesks write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from data.schema import Channel

CHANNELS: tuple[tuple[Channel, str], ...] = (
    (Channel.SMS, r"sms|text message|^text$|ショートメッセージ|短信|簡訊"),
    (Channel.SOCIAL_MEDIA, r"social|twitter|facebook|instagram|^x$|tweet|weibo|微博|tiktok"),
    (Channel.CHAT, r"chat|messag|whatsapp|^line$|wechat|微信|web.?widget|チャット|聊天|sunshine|telegram"),
    (Channel.PHONE, r"phone|voice|call|telefon|tel[eé]fono|t[eé]l[eé]phone|電話|电话"),
    (Channel.EMAIL, r"mail|correo|courriel|メール|邮件|郵件"),
    (Channel.SELF_SERVICE, r"web|form|api|portal|self|help.?cent|mobile|app|widget|フォーム|表单|表單"),
)  # fmt: skip
NUMERIC = re.compile(
    r"(\d{1,4})\s*[/.\-年]\s*(\d{1,2})\s*[/.\-月]\s*(\d{1,4})日?(?:[T,\s]+(\d{1,2}):(\d{2}))?"
)
EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")
EXCEL_DAY = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
EXCEL_START = datetime(1899, 12, 30, tzinfo=UTC)


class DateOrder(StrEnum):
    """What stands first in a date such as 03/04/2026."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


def read_channel(text: str) -> Channel | None:
    """Returns the channel that a helpdesk's word means, None where it means none of ours."""
    word = text.strip().casefold().replace("_", " ")
    if not word:
        return None
    return next((channel for channel, pattern in CHANNELS if re.search(pattern, word)), None)


def read_date(text: str, order: DateOrder = DateOrder.DAY_FIRST) -> datetime | None:
    """Returns the moment in UTC, None where `text` is no date; one without a zone is taken as UTC."""
    plain = text.strip()
    try:
        if EPOCH.fullmatch(plain):
            seconds = float(plain) / (1000 if len(plain) == 13 else 1)
            return datetime.fromtimestamp(seconds, UTC)
        if EXCEL_DAY.fullmatch(plain):
            return EXCEL_START + timedelta(days=float(plain))
        return _read_iso(plain) or _read_numeric(plain, order)
    except (ValueError, OverflowError, OSError):
        return None


def date_order_shown(text: str) -> DateOrder | None:
    """Returns which order a date proves by a number above twelve, None where it could be either."""
    found = NUMERIC.match(text.strip())
    if not found or len(found[1]) > 2:
        return None
    first, second = int(found[1]), int(found[2])
    if first > 12:
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST if second > 12 else None


def _read_iso(text: str) -> datetime | None:
    plain = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", text)
    plain = re.sub(r"\s+([+-]\d{2}):?(\d{2})$", r"\1:\2", plain)
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _read_numeric(text: str, order: DateOrder) -> datetime | None:
    found = NUMERIC.match(text)
    if not found:
        return None
    first, second, third = int(found[1]), int(found[2]), int(found[3])
    if len(found[1]) == 4:
        year, month, day = first, second, third
    else:
        year = third if third >= 100 else 2000 + third
        day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    return datetime(year, month, day, int(found[4] or 0), int(found[5] or 0), tzinfo=UTC)

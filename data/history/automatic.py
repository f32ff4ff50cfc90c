"""Rows that no customer wrote: automatic mail, and spam that a helpdesk has marked."""

from __future__ import annotations

import re

AUTOMATIC = re.compile(
    r"^\s*(?:"
    r"auto(?:matic|mated)?[\s-]?(?:reply|response|antwort)|automatische\s+(?:antwort|r[üu]ckmeldung)"
    r"|out\s+of\s+(?:the\s+)?office|abwesenheits(?:notiz|meldung|benachrichtigung)|r[ée]ponse\s+automatique"
    r"|absence\s+du\s+bureau|message\s+d.absence|respuesta\s+autom[áa]tica|fuera\s+de\s+la\s+oficina"
    r"|undeliver(?:able|ed)|unzustellbar|mail\s+delivery\s+(?:failed|subsystem|failure)|delivery\s+status\s+notification"
    r"|returned\s+mail|mailer-daemon|no\s+se\s+puede\s+entregar|non\s+remis"
    r"|自動返信|自動応答|不在通知|不在のお知らせ|自动回复|自動回覆|自动答复|休假自动|系统退信|退信"
    r")",
    re.IGNORECASE,
)
SPAM = frozenset({"spam", "junk", "suspended", "deleted", "スパム", "迷惑メール", "垃圾邮件", "垃圾郵件"})


def is_automatic(subject: str, message: str) -> bool:
    """Returns whether a machine sent it: an absence note, or a mail that came back."""
    return bool(AUTOMATIC.match(subject) or (not subject.strip() and AUTOMATIC.match(message)))


def is_spam(tags: str, status: str) -> bool:
    """Returns whether the helpdesk marked it as spam or deleted it."""
    words = re.split(r"[\s,;|]+", f"{tags} {status}".casefold())
    return not SPAM.isdisjoint(words)

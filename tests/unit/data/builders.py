"""Tickets and articles in several languages, as short as a test needs."""

from __future__ import annotations

from dataclasses import replace

from data.schema import Article, Category, Channel, LabelledTicket, Language, Sentiment, Split

JAPANESE_ARTICLE = Article(
    id="KB001",
    topic="password_reset",
    category="account",
    title="パスワードを再設定する: 手順",
    language="ja",
    steps=("アプリを開きます。", "「パスワードを忘れた」を選びます。"),
    body="30分以内にお手続きください。\n\n## 解決しない場合\n担当者にお問い合わせください。",
    keywords=("パスワード", "ログインできない"),
    tags=("account",),
)
GERMAN_ARTICLE = Article(
    id="KB002",
    topic="refund_status",
    category="billing",
    title="Wo bleibt meine Rückerstattung? 'Status' & mehr",
    language="de",
    steps=("Öffnen Sie „Bestellungen“: dort steht der Status.",),
    body="Das Geld kommt nach 5 bis 7 Werktagen.",
)
TICKET = LabelledTicket(
    id="fr-train-1",
    language=Language.FR,
    channel=Channel.EMAIL,
    subject="Où est mon colis ?",
    message="Bonjour,\nma commande n'est pas arrivée, merci de vérifier « vite ».",
    category=Category.SHIPPING,
    topic="order_tracking",
    article_id="KB003",
    sentiment=Sentiment.NEGATIVE,
    urgent=True,
    split=Split.TRAIN,
    source="authored",
    pattern="fr-train-1",
)
TICKETS = (
    TICKET,
    replace(
        TICKET, id="zh-test-1", language=Language.ZH, subject="", message="包裹在哪里？", split=Split.TEST
    ),
    replace(
        TICKET,
        id="es-train-1",
        language=Language.ES,
        message='Quiero hablar con una persona, "ya".',
        category=Category.OTHER,
        topic="human_agent",
        article_id=None,
        urgent=False,
    ),
)


def training_ticket(language: Language, message: str, subject: str = "", number: int = 1) -> LabelledTicket:
    name = f"{language}-train-{number}"
    return replace(TICKET, id=name, pattern=name, language=language, message=message, subject=subject)

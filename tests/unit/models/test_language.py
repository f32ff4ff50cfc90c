from __future__ import annotations

import pytest

from data.schema import UNDETERMINED
from models.language import LanguageGuess, LanguageReader


@pytest.fixture(scope="module")
def reader() -> LanguageReader:
    return LanguageReader()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I forgot my password and cannot log in anymore", "en"),
        ("Where is my order?", "en"),
        ("¿Dónde está mi pedido? Llevo dos semanas esperando", "es"),
        ("no puedo entrar en mi cuenta", "es"),
        ("Je veux annuler ma commande s'il vous plaît", "fr"),
        ("ou est mon colis", "fr"),
        ("Ich möchte meine Bestellung stornieren", "de"),
        ("wo bleibt mein paket", "de"),
        ("注文した商品がまだ届きません", "ja"),
        ("パスワード忘れた", "ja"),
        ("我的订单在哪里", "zh"),
        ("請問我的訂單到哪裡了", "zh"),
        ("退款", "zh"),
    ],
)
def test_read_text_of_the_six_is_recognised(reader: LanguageReader, text: str, language: str) -> None:
    guess = reader.read([text])[0]
    assert guess.language == language
    assert 0 < guess.probability <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Где мой заказ? Я жду уже две недели.",
        "Dove si trova il mio ordine? Aspetto da due settimane e nessuno risponde",
        "Onde está a minha encomenda? Já paguei há duas semanas e não recebi nada",
        "주문한 상품이 아직 도착하지 않았어요",
        "أين طلبي؟ أنتظر منذ أسبوعين",
        "🙂🙂🙂",
        "12345 67890",
        "?!...",
        "",
        "   ",
    ],
)
def test_read_anything_else_is_undetermined(reader: LanguageReader, text: str) -> None:
    assert reader.read([text]) == [LanguageGuess(UNDETERMINED, 0.0)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("iPhone 15でアプリが開きません", "ja"),  # Latin and Han beside kana
        ("我的iPhone打不开了，怎么办", "zh"),
        ("我上个月在日本出差的时候买的「ライト」突然坏了，请问在国内怎么申请保修", "zh"),  # a quoted name
        ("Meine Bestellung LM-2026-118834 auf https://shop.example/fr/produits fehlt", "de"),
        ("mi correo es john.smith@example.com y no me llega el código", "es"),
        ("WO IST MEIN PAKET, ICH WARTE SEIT WOCHEN", "de"),
    ],
)
def test_read_mixed_text_goes_by_what_carries_it(reader: LanguageReader, text: str, language: str) -> None:
    assert reader.read([text])[0].language == language


def test_read_order_of_the_batch_does_not_matter(reader: LanguageReader) -> None:
    texts = ["退款", "Wo ist mein Paket?", "🙂", "ou est mon colis"]
    assert reader.read(texts)[::-1] == reader.read(texts[::-1])
    assert reader.read([]) == []


def test_read_huge_or_hostile_text_is_answered(reader: LanguageReader) -> None:
    guesses = reader.read(["a" * 100_000, "\x00\ud800\u202e", "<b>" * 10_000])
    assert len(guesses) == 3

"""A negation or anger lowers the sentiment, thanks do not, a deadline presses."""

from __future__ import annotations

import numpy as np
import pytest

from data.schema import LabelledTicket, Language, Sentiment
from tests.behaviour.probe import Probe

LEAST_RIGHT = 0.85
NEGATIONS = {
    Language.EN: [
        ("I am happy with the camera", "I am not happy with the camera"),
        ("Your help was useful, I like it", "Your help was not useful, I don't like it"),
        ("The lamp works well", "The lamp does not work well"),
    ],
    Language.ES: [
        ("Estoy contenta con la cámara", "No estoy contenta con la cámara"),
        ("Su ayuda me sirvió", "Su ayuda no me sirvió de nada"),
        ("La lámpara funciona bien", "La lámpara no funciona bien"),
    ],
    Language.FR: [
        ("Je suis content de la caméra", "Je ne suis pas content de la caméra"),
        ("Votre aide m'a été utile", "Votre aide ne m'a pas été utile du tout"),
        ("La lampe marche bien", "La lampe ne marche pas bien"),
    ],
    Language.DE: [
        ("Ich bin mit der Kamera zufrieden", "Ich bin mit der Kamera nicht zufrieden"),
        ("Ihre Hilfe hat mir genützt", "Ihre Hilfe hat mir überhaupt nicht genützt"),
        ("Die Lampe funktioniert gut", "Die Lampe funktioniert nicht gut"),
    ],
    Language.JA: [
        ("カメラに満足しています", "カメラに満足していません"),
        ("案内は役に立ちました", "案内はまったく役に立ちませんでした"),
        ("ライトはとても良いです", "ライトは全然良くないです"),
    ],
    Language.ZH: [
        ("我对摄像头很满意", "我对摄像头很不满意"),
        ("你们的帮助很有用", "你们的帮助一点用都没有"),
        ("这个灯好用", "这个灯不好用"),
    ],
}
ANGER = {
    Language.EN: "This is outrageous, you are the worst company ever!",
    Language.ES: "¡Esto es una vergüenza, son la peor empresa que existe!",
    Language.FR: "C'est une honte, vous êtes la pire entreprise du monde !",
    Language.DE: "Das ist eine Frechheit, Sie sind die schlimmste Firma überhaupt!",
    Language.JA: "本当に最低です。ふざけないでください！",
    Language.ZH: "太过分了，你们是我见过最差的公司！",
}
THANKS = {
    Language.EN: "Thank you very much for your kind help!",
    Language.ES: "¡Muchísimas gracias por su amable ayuda!",
    Language.FR: "Merci beaucoup pour votre aide si aimable !",
    Language.DE: "Vielen herzlichen Dank für Ihre nette Hilfe!",
    Language.JA: "ご親切に本当にありがとうございます！",
    Language.ZH: "非常感谢你们的热心帮助！",
}
DEADLINES = {
    Language.EN: "I need this solved today before 5 pm, it is urgent.",
    Language.ES: "Lo necesito resuelto hoy antes de las 17 h, es urgente.",
    Language.FR: "Il me le faut aujourd'hui avant 17 h, c'est urgent.",
    Language.DE: "Ich brauche das heute noch vor 17 Uhr, es ist dringend.",
    Language.JA: "今日の17時までに必要です。至急お願いします。",
    Language.ZH: "今天下午五点之前必须解决，非常紧急。",
}
Samples = dict[Language, list[LabelledTicket]]


def calm(samples: Samples, language: Language) -> list[str]:
    return [t.message for t in samples[language] if t.sentiment is Sentiment.NEUTRAL and not t.urgent]


@pytest.mark.parametrize(
    ("plain", "negated"), [pair for pairs in NEGATIONS.values() for pair in pairs], ids=lambda text: text[:24]
)
def test_mood_of_a_negated_praise_is_lower(probe: Probe, plain: str, negated: str) -> None:
    before, after = probe.mood([plain, negated])
    assert after < before


@pytest.mark.parametrize("language", Language)
def test_mood_with_anger_added_falls(probe: Probe, samples: Samples, language: Language) -> None:
    texts = calm(samples, language)
    angry = probe.mood([f"{text}\n{ANGER[language]}" for text in texts])
    assert np.mean(angry < probe.mood(texts)) >= LEAST_RIGHT


@pytest.mark.parametrize("language", Language)
def test_mood_with_thanks_added_does_not_fall(probe: Probe, samples: Samples, language: Language) -> None:
    texts = calm(samples, language)
    thankful = probe.mood([f"{text}\n{THANKS[language]}" for text in texts])
    assert np.mean(thankful >= probe.mood(texts) - 0.05) >= LEAST_RIGHT


@pytest.mark.parametrize("language", Language)
def test_pressure_with_a_deadline_added_rises(probe: Probe, samples: Samples, language: Language) -> None:
    texts = calm(samples, language)
    pressed = probe.pressure([f"{text}\n{DEADLINES[language]}" for text in texts])
    assert np.mean(pressed > probe.pressure(texts)) >= LEAST_RIGHT

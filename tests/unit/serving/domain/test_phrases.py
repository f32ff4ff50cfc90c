import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.domain.phrases import PhraseError, Phrases, split_words
from tests.unit.serving.orchestrator.fakes import shipped_settings


def finds(phrase: str, text: str) -> bool:
    return bool(Phrases([phrase]).find(split_words(text)))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("on fire", "My lamp is ON   FIRE!!"),
        ("hacke*", "mi cuenta fue HACKEADA"),
        ("talk .. human", "let me talk to a real human"),
        ("talk .. human", "talk human"),
        ("rückerstatt*", "Wann kommt die Rueckerstattung?"),
        ("rückerstatt*", "Rückerstattung bitte"),
        ("rückerstatt*", "ruckerstattung"),
        ("descarga electrica", "recibí una descarga eléctrica"),
        ("wasn't me", "it wasn’t me"),
        ("vol d'identite", "un vol d’identité"),
        ("stromstoß", "ein STROMSTOSS"),
        ("hacked", "ｈａｃｋｅｄ account"),
        ("hacked", "my account was ha\u200bcked"),
        ("乗っ取", "アカウントが乗っ取られました"),
        ("誰か..ログイン", "誰かが私のアカウントにログイン"),
        ("转人工", "请 转人工 谢谢"),
    ],
)
def test_find_same_words_in_other_writing_finds(phrase: str, text: str) -> None:
    assert finds(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("on fire", "does the plug work with Fire TV"),
        ("on fire", "on the fire"),
        ("sue you", "the issue you had"),
        ("talk .. human", "talk to me later, I am only one small human"),
        ("hacke", "hackerspace"),
        ("誰か..ログイン", "誰かに聞かれたのですが、どうすれば私もログイン"),
    ],
)
def test_find_other_words_finds_nothing(phrase: str, text: str) -> None:
    assert not finds(phrase, text)


@pytest.mark.parametrize("phrase", ["", "..", "talk ..", ".. human", "ab*", "..乗っ取", "!!"])
def test_phrase_that_can_never_be_found_is_refused(phrase: str) -> None:
    with pytest.raises(PhraseError):
        Phrases([phrase])


def test_find_names_each_list_once_with_its_phrase() -> None:
    phrases = Phrases({"danger": ["smoke", "smoking"], "legal": ["lawyer*"]})
    found = phrases.find(split_words("Smoke, smoke! My lawyers will call"))
    assert found == {"danger": "smoke", "legal": "lawyer*"}


@given(st.text(max_size=400))
def test_find_any_text_never_fails(text: str) -> None:
    Phrases({"a": ["talk .. human", "誰か..ログイン", "hack*"]}).find(split_words(text))


MUST = {
    "account_compromised": [
        "My account was hacked and I cannot reset my password; money is missing",
        "Alguien ha entrado en mi cuenta y ha comprado cosas",
        "On a piraté mon compte Lumora",
        "Mein Konto wurde gehackt",
        "アカウントが乗っ取られたようです",
        "我的账号被盗了",
    ],
    "danger": [
        "The plug started smoking and sparks came out",
        "Sale humo del enchufe",
        "La prise a pris feu cette nuit",
        "Aus dem Netzteil kam Rauch, das Gehäuse ist verschmort",
        "プラグから火花が出ました",
        "插座冒烟了",
        "I got an electric shock from the lamp",
        "Ich habe einen Stromschlag bekommen",
    ],
    "legal": [
        "My lawyer will contact you",
        "Voy a hablar con mi abogado",
        "Mon avocat vous écrira",
        "Mein Anwalt meldet sich",
        "弁護士に相談します",
        "我要找律师",
    ],
    "self_harm": [
        "I want to die",
        "quiero morir",
        "j'ai envie de mourir",
        "ich will sterben",
        "死にたい",
        "我想死",
    ],
    "asks_for_a_person": [
        "Let me talk to a human",
        "Quiero hablar con una persona",
        "Je veux parler à un conseiller",
        "Ich möchte mit einem Menschen sprechen",
        "オペレーターにつないでください",
        "我要转人工",
    ],
}
MUST_NOT = [
    "Does the plug work with Fire TV?",
    "The smoke detector does not connect to the app",
    "How do I turn the alarm notifications off?",
    "I forgot my password",
    "Where is my order? I ordered on the brand page",
    "¿Dónde está mi pedido? En cambio, el otro llegó ayer.",
    "Je voudrais une facture, merci",
    "Das Licht brennt die ganze Nacht",
    "Der Stick funkt auf Zigbee",
    "有人吗？我想查一下订单",
    "パスワードを忘れたんやけど、どうしたらええ？",
    "报警器一直离线怎么办",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in MUST.items() for text in texts])
def test_shipped_never_phrases_find_what_only_people_may_answer(kind: str, text: str) -> None:
    assert kind in _shipped().find(split_words(text))


@pytest.mark.parametrize("text", MUST_NOT)
def test_shipped_never_phrases_leave_ordinary_messages_alone(text: str) -> None:
    assert _shipped().find(split_words(text)) == {}


def _shipped() -> Phrases:
    lists = shipped_settings().gate.never_phrases
    return Phrases(
        {kind: [p for ps in by_language.values() for p in ps] for kind, by_language in lists.items()}
    )

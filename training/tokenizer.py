"""Trains the encoder's SentencePiece vocabulary with a normalisation of our own.

The normalisation lives inside the tokenizer model: NFKC and lower case, traditional Chinese and Japanese
new forms mapped to simplified Chinese so that both languages share characters, quotation marks and inverted
marks dropped.
"""

from __future__ import annotations

import io
import sys
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import sentencepiece

from data.errors import DataError

DROPPED = '¿¡"«»()[]“”„‘’「」『』（）【】《》'
HALF_WIDTH_MARKS = "ﾞﾟ"


def train_tokenizer(texts: Iterable[str], size: int, seed: int) -> bytes:
    """Returns a SentencePiece unigram model of `size` pieces trained on `texts`, each given once."""
    output = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.tsv"
        rules.write_text(normalization_rules(), encoding="utf-8")
        sentencepiece.set_random_generator_seed(seed)
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=output,
            model_type="unigram",
            vocab_size=size,
            character_coverage=0.9998,
            normalization_rule_tsv=str(rules),
            input_sentence_size=1_000_000,
            shuffle_input_sentence=True,
            max_sentence_length=4_000,
            num_threads=2,
            bos_id=-1,
            eos_id=-1,
            unk_id=0,
            hard_vocab_limit=False,
            minloglevel=1,
        )
    return output.getvalue()


def read_tokenizer(path: Path) -> bytes:
    """Returns the SentencePiece model of a file.

    Raises:
        DataError: it is none.
    """
    try:
        model = path.read_bytes()
        sentencepiece.SentencePieceProcessor(model_proto=model)
    except (OSError, RuntimeError) as error:
        raise DataError(f"{path}: not a SentencePiece model: {error}") from error
    return model


def normalization_rules() -> str:
    """Returns SentencePiece rules: code points in hex, a tab, their replacement in hex."""
    characters = _shared_characters()
    rules: dict[str, str] = {}
    for code in range(1, sys.maxunicode + 1):
        source = chr(code)
        if unicodedata.category(source) in {"Cn", "Cs", "Co"}:
            continue
        target = _replacement(source, characters)
        if target != source:
            rules[source] = target
        decomposed = unicodedata.normalize("NFD", source)
        if decomposed != source and len(decomposed) > 1 and not "가" <= source <= "힣":
            rules[decomposed] = target
        if "ｦ" <= source <= "ﾝ":
            for mark in HALF_WIDTH_MARKS:
                rules[source + mark] = _replacement(unicodedata.normalize("NFKC", source + mark), characters)
    return "".join(
        f"{_hex(source)}\t{_hex(target)}\n" for source, target in sorted(rules.items()) if source != target
    )


def _replacement(source: str, characters: dict[str, str]) -> str:
    if source in DROPPED:
        return " "
    if unicodedata.category(source[0]) in {"Cc", "Zl", "Zp"}:
        return " "
    if unicodedata.category(source[0]) == "Cf":
        return ""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", source).lower())
    return "".join(characters.get(character, character) for character in folded if character not in DROPPED)


def _shared_characters() -> dict[str, str]:
    """Returns single characters: traditional Chinese and Japanese new form → simplified Chinese."""
    import opencc

    to_simplified, from_japanese = opencc.OpenCC("t2s"), opencc.OpenCC("jp2t")
    found: dict[str, str] = {}
    for code in [*range(0x3400, 0x9FFF), *range(0xF900, 0xFAFF)]:
        source = chr(code)
        target = to_simplified.convert(from_japanese.convert(source))
        if len(target) == 1 and target != source:
            found[source] = target
    return found


def _hex(text: str) -> str:
    return " ".join(f"{ord(character):X}" for character in text)

"""Words of Vietnamese text by underthesea, with offsets that always fit the text."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from vietnamese import fold

_UNIT = re.compile(r"\w+(?:[.,/\-]\w+)*|[^\w\s]", re.UNICODE)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Joins syllables into words where the text bears accents; syllables alone where it does not.

    Word segmentation is trained on accented text and invents words on unaccented text, so that is left apart.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options that Rasa's base class needs."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def required_packages() -> list[str]:
        """Return what must be installed beside Rasa."""
        return ["underthesea"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of `attribute`; `text[token.start:token.end] == token.text` for each."""
        text = message.get(attribute)
        units = [(match.start(), match.end()) for match in _UNIT.finditer(text)]
        spans = _join(text, units) if units and fold(text) != text.lower() else units
        return self._apply_token_pattern([Token(text[start:end], start, end) for start, end in spans])


def _join(text: str, units: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge neighbouring units that underthesea counts as one word; on disagreement they stay apart."""
    from underthesea import word_tokenize  # loads a model: not at import

    lengths = _letters_of_words(word_tokenize(text))
    spans: list[tuple[int, int]] = []
    index = 0
    for wanted in lengths:
        start, taken = index, 0
        while index < len(units) and taken < wanted:
            taken += units[index][1] - units[index][0]
            index += 1
        if taken == wanted:
            spans.append((units[start][0], units[index - 1][1]))
        else:
            return spans + units[start:]
    return spans + units[index:]


def _letters_of_words(words: list[str]) -> list[int]:
    """Return how many characters, spaces left out, each word has."""
    return [size for size in (len("".join(word.split())) for word in words) if size]

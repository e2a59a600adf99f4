"""The ground floor: how Vietnamese text is read, the same in the bot's and in Rasa's environment.

Standard library only.
"""

from vietnamese.folding import fold
from vietnamese.normalising import normalise
from vietnamese.rewriting import Step, also, expand, explain
from vietnamese.spelling import is_syllable
from vietnamese.syllables import bigrams, spaced, syllables

__all__ = [
    "Step",
    "also",
    "bigrams",
    "expand",
    "explain",
    "fold",
    "is_syllable",
    "normalise",
    "spaced",
    "syllables",
]

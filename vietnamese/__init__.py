"""The ground floor: how Vietnamese text is read, the same in the bot's and in Rasa's environment.

Standard library only.
"""

from vietnamese.folding import fold
from vietnamese.lexicon import expand
from vietnamese.normalising import normalise
from vietnamese.syllables import bigrams, syllables

__all__ = ["bigrams", "expand", "fold", "normalise", "syllables"]

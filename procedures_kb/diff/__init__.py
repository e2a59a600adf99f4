"""What changed between two catalogues, in facts and in plain words."""

from procedures_kb.diff.changes import Change, ChangedProcedure, ChangeKind
from procedures_kb.diff.comparing import changes, grouped, summary
from procedures_kb.diff.words import BrokenWords, Words, load_words

__all__ = [
    "BrokenWords",
    "Change",
    "ChangeKind",
    "ChangedProcedure",
    "Words",
    "changes",
    "grouped",
    "load_words",
    "summary",
]

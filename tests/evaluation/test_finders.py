from evaluation.finders import measure
from evaluation.questions import Kind, Question

ASKED = [
    Question(id="F1", text="nuôi chim", kind=Kind.FIND, gold=("1.000001",)),
    Question(id="F2", text="trồng hoa", kind=Kind.FIND, gold=("1.000003",)),
    Question(id="O1", text="mưa", kind=Kind.OUT_OF_SCOPE),
]


KNOWN = {"nuôi chim": [("1.000001",)], "trồng hoa": [("1.000002",), ("1.000003",)]}


class ByHeart:
    """Finds what is spelled with accents only."""

    name = "by_heart"

    def search(self, text: str) -> list[tuple[str, ...]]:
        return KNOWN.get(text, [])


def test_measures_the_find_questions_in_each_way_of_typing() -> None:
    found = measure(ByHeart(), ASKED)
    assert (found["find.r1"].value, found["find.r3"].value, found["find.mrr"].value) == (0.5, 1.0, 0.75)
    assert found["find_folded.r10"].value == found["find_typos.r10"].value == 0.0
    assert found["find.r1"].n == 2

"""The review of the lay names by their words, and that the shipped names pass it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from procedures_kb import catalogue, lay_names, lay_review
from procedures_kb.catalogue import Catalogue
from procedures_kb.lay_names import LayName
from procedures_kb.lay_review import BrokenReview, FewOnPurpose, Reviewed, SameTopic, SharedOnPurpose
from tests.factories import procedure

KHAI_SINH, KHAI_TU, BO = "1.000001", "1.000002", "1.000003"
NAMES = (
    LayName(code=KHAI_SINH, names=("làm giấy khai sinh cho con", "khai sinh cho cháu")),
    LayName(code=KHAI_TU, names=("làm giấy chứng tử", "báo người chết")),
)


@pytest.fixture
def known() -> Catalogue:
    return Catalogue(
        (
            procedure(KHAI_SINH, "Đăng ký khai sinh", levels=["commune"]),
            procedure(KHAI_TU, "Đăng ký khai tử", levels=["province"]),
            procedure(BO, "Thủ tục ở bộ", levels=["ministry"]),
        )
    )


@cache
def everything() -> Catalogue:
    return catalogue.load()


@cache
def shipped() -> lay_review.LayReview:
    return lay_review.review(lay_names.load(), everything())


def names(*more: tuple[str, Sequence[str]]) -> tuple[LayName, ...]:
    return (*NAMES, *(LayName(code=code, names=tuple(said)) for code, said in more))


def test_good_names_pass(known: Catalogue) -> None:
    seen = lay_review.review(NAMES, known, Reviewed())
    assert (seen.shared, seen.few, seen.families, seen.names) == ((), (), 3, 4)


@pytest.mark.parametrize("same", ["lam gks cho con", "Làm GKS cho con", "thủ tục làm giấy khai sinh cho con"])
def test_a_name_is_shared_however_it_is_written(known: Catalogue, same: str) -> None:
    seen = lay_review.review(names((BO, [same])), known, Reviewed())
    assert [set(shared.codes) for shared in seen.shared] == [{KHAI_SINH, BO}]


def test_a_lay_name_that_is_anothers_title_is_shared(known: Catalogue) -> None:
    seen = lay_review.review(names((BO, ["đăng ký khai tử"])), known, Reviewed())
    assert [set(shared.codes) for shared in seen.shared] == [{KHAI_TU, BO}]


def test_a_reviewer_may_accept_a_shared_name_for_just_these_families(known: Catalogue) -> None:
    shared = names((BO, ["làm giấy khai sinh cho con"]))
    accepted = SharedOnPurpose(name="làm GKS cho con", codes=(KHAI_SINH, BO), reason="both are asked for so")
    assert lay_review.review(shared, known, Reviewed(shared=(accepted,))).shared == ()
    other = accepted.model_copy(update={"codes": (KHAI_TU, BO)})
    assert len(lay_review.review(shared, known, Reviewed(shared=(other,))).shared) == 1


def test_local_families_need_two_names_and_everyday_ones_eight(known: Catalogue) -> None:
    seen = lay_review.review(NAMES[:1], known, Reviewed(everyday=(KHAI_SINH,)))
    assert [(few.code, few.names, few.asked) for few in seen.few] == [(KHAI_TU, 0, 2), (KHAI_SINH, 2, 8)]
    assert (seen.without, sum(seen.few_by_ministry.values())) == (1, 2)


def test_a_reviewer_may_accept_few_names(known: Catalogue) -> None:
    accepted = FewOnPurpose(code=KHAI_TU, reason="nobody says it in words of their own")
    assert lay_review.review(NAMES[:1], known, Reviewed(few=(accepted,))).few == ()


def test_topics_are_pairs_of_families(known: Catalogue) -> None:
    group = SameTopic(codes=(KHAI_SINH, KHAI_TU, "1.999999"), reason="for the test alone")
    families = {known.by_code[code].family for code in (KHAI_SINH, KHAI_TU)}
    assert Reviewed(same_topic=(group,)).topics(known) == {frozenset(families)}


def test_a_broken_file_is_refused_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "reviewed.yaml"
    file.write_text('few: [{code: "1.000001", reason: short}]\n', encoding="utf-8")
    with pytest.raises(BrokenReview, match="few"):
        lay_review.load_reviewed(file)


def test_no_shipped_name_is_shared() -> None:
    assert shipped().shared == ()


def test_every_local_and_everyday_family_has_its_names() -> None:
    assert shipped().few == ()


def test_what_was_reviewed_stands_in_the_catalogue() -> None:
    reviewed, known = lay_review.load_reviewed(), everything()
    codes = [*reviewed.everyday, *(one.code for one in reviewed.few)]
    codes += [code for group in reviewed.same_topic for code in group.codes]
    codes += [code for shared in reviewed.shared for code in shared.codes]
    assert [code for code in codes if code not in known.by_code] == []
    assert len(reviewed.everyday) == len({known.by_code[code].family for code in reviewed.everyday}) >= 300

"""Answers are kept by content and by question, and a damaged file is as good as none."""

from pathlib import Path

import pytest

from gomanager.golang.memo import Memo


def filled(path: Path | None, answers: int = 20) -> Memo:
    memo = Memo(path)
    table = memo.table("held", ("a", 1))
    for number in range(answers):
        table.put(f"p{number}", b"key", (number, frozenset({"x"})))
    memo.save()
    return memo


def test_an_answer_is_for_this_content_and_question_alone(tmp_path: Path) -> None:
    filled(tmp_path / "memo")
    again = Memo(tmp_path / "memo")
    table = again.table("held", ("a", 1))
    assert table.get("p3", b"key") == (3, frozenset({"x"}))
    assert table.get("p3", b"other") is None
    assert table.get("p99", b"key") is None
    assert again.table("held", ("a", 2)).get("p3", b"key") is None


def test_content_that_was_not_at_hand_is_never_kept() -> None:
    table = Memo().table("held")
    table.put("p", b"", True)
    assert table.get("p", b"") is None


def test_few_answers_are_not_worth_a_file(tmp_path: Path) -> None:
    filled(tmp_path / "memo", answers=3)
    assert not (tmp_path / "memo").exists()


@pytest.mark.parametrize("damage", ["cut", "flip", "foreign", "empty", "list"])
def test_damage_is_no_answer(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "memo"
    filled(path)
    data = path.read_bytes()
    path.write_bytes(
        {
            "cut": data[: len(data) // 2],
            "flip": data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
            "foreign": b"PK\x03\x04",
            "empty": b"",
            "list": b"gomanager-memo",
        }[damage]
    )
    assert Memo(path).table("held", ("a", 1)).get("p3", b"key") is None
    filled(path)
    assert Memo(path).table("held", ("a", 1)).get("p3", b"key") is not None


def test_other_code_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "memo"
    filled(path)
    monkeypatch.setattr("gomanager.golang.memo._facts", lambda: iter(("memo.py 1 2",)))
    assert Memo(path).table("held", ("a", 1)).get("p3", b"key") is None


def test_old_tables_make_room(tmp_path: Path) -> None:
    path = tmp_path / "memo"
    memo = Memo(path)
    for number in range(300):
        memo.table("old", number).put("p", b"key", number)
    memo.save()
    later = filled(path)
    assert later.table("held", ("a", 1)).get("p3", b"key") is not None
    assert Memo(path).table("old", 7).get("p", b"key") is None
    assert Memo(path).table("held", ("a", 1)).get("p3", b"key") is not None

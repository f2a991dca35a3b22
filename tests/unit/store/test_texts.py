"""Texts are bounded, compressed, stored once, and hold no secret."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from gomanager.results import Outcome
from gomanager.store.sqlite import SqliteStore
from gomanager.store.texts import LIMIT_BYTES, cut, message, pack, unpack
from gomanager.text import masker

TOKEN = "ghp_" + "a1B2c3D4e5" * 4
ENVIRON = {"GITHUB_TOKEN": TOKEN}
MASK = masker(ENVIRON)


@given(st.text(), st.integers(1, 5000))
def test_texts_come_back_or_keep_head_and_tail(piece, times):
    text = piece * times
    packed = pack(text, MASK)
    kept = unpack(packed.body)
    assert packed.size == len(kept.encode()) <= LIMIT_BYTES
    if len(text.encode("utf-8", "replace")) <= LIMIT_BYTES and "*" not in kept:
        assert kept == text.encode("utf-8", "replace").decode()


def test_head_and_tail_are_kept_and_the_loss_is_told():
    data = b"first\n" + "é".encode() * 100_000 + b"\nlast"
    kept = cut(data)
    assert kept.startswith(b"first\n")
    assert kept.endswith(b"\nlast")
    assert b"bytes left out" in kept
    kept.decode()


def test_a_text_of_megabytes_is_cut_too():
    kept = unpack(pack("head" + "x" * 50_000_000 + "tail", MASK).body)
    assert kept.startswith("head")
    assert kept.endswith("tail")


def test_secrets_are_masked_before_the_cut():
    for text in (TOKEN, "x" * (LIMIT_BYTES // 2 - 52) + " " + TOKEN + " " + "y" * LIMIT_BYTES):
        kept = unpack(pack(text, MASK).body)
        assert not any(TOKEN[at : at + 12] in kept for at in range(0, len(TOKEN) - 12, 4))
    assert TOKEN not in message(f"token {TOKEN} refused", MASK)


def test_equal_texts_are_stored_once_and_no_secret_reaches_the_file(tmp_path, build):
    case = build.case("TestA", Outcome.FAIL, Outcome.FAIL, text=f"GET with {TOKEN}: 401")
    phase = build.phase(
        build.package("m/a", case, message=TOKEN, result=None),
        commands=(("go", "test", f"-args=token={TOKEN}"),),
        flags=(f"-args=token={TOKEN}",),
    )
    with SqliteStore(tmp_path / "h.db", environ=ENVIRON) as store:
        store.add(build.run(1), phase)
        store.add(build.run(2), phase)
    connection = sqlite3.connect(tmp_path / "h.db")
    assert connection.execute("SELECT count(*) FROM texts").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM failures").fetchone() == (4,)
    dump = "\n".join(connection.iterdump())
    connection.close()
    assert TOKEN not in dump
    assert TOKEN.encode().hex().upper() not in dump

"""One note for each go.mod, whatever number of its modules changed (D25)."""

from gomanager.selection.modulefiles import Unknown, unknown_notes


def test_a_bump_of_many_modules_is_one_note() -> None:
    found = [
        Unknown("go.mod", f"module m{n} v1.0.0 → v1.1.0", (f"x{n}", "y", "z", "w"))
        for n in range(3)
    ]
    (note,) = unknown_notes([*found, found[0]])
    assert note.text == (
        "go.mod: module m0 v1.0.0 → v1.1.0 and 2 more; not at hand: x0, y, z and 3 more"
    )


def test_each_go_mod_has_its_own() -> None:
    one = Unknown("go.mod", "module m v1.0.0 added", ("x",))
    notes = list(unknown_notes([one, one._replace(path="tools/go.mod")]))
    assert [note.text for note in notes] == [
        "go.mod: module m v1.0.0 added; not at hand: x",
        "tools/go.mod: module m v1.0.0 added; not at hand: x",
    ]

"""Env files are read as magex reads them (mage-x, pkg/common/env/loader.go)."""

import pytest

from gomanager.runners.envfiles import load


@pytest.fixture
def folder(tmp_path):
    """Four levels down, so that nothing above the temporary folder is looked at."""
    place = tmp_path / "3" / "2" / "1" / "0"
    place.mkdir(parents=True)
    return place


def put(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_files_override_the_caller_and_each_other(folder):
    put(folder, ".env", "A=env\n")
    put(folder, ".env.base", "A=base\nB=base\n")
    put(folder, ".github/.env.base", "B=github\nC=github\n")
    changed, files = load(folder, {"A": "caller"})
    assert changed == {"A": "env", "B": "base", "C": "github"}
    assert [str(f.relative_to(folder)) for f in files] == [".github/.env.base", ".env.base", ".env"]


def test_modular_files_replace_the_others_and_local_is_not_for_ci(folder):
    put(folder, ".env", "A=env\n")
    put(folder, ".github/env/00-core.env", "A=core\nB=core\n")
    put(folder, ".github/env/99-local.env", "B=local\n")
    assert load(folder, {})[0] == {"A": "core", "B": "local"}
    assert load(folder, {"CI": "true"})[0] == {"A": "core", "B": "core"}


def test_parents_override_but_the_folder_itself_comes_last(folder):
    put(folder, ".env", "A=folder\n")
    put(folder.parent, ".env", "A=parent\nB=parent\n")
    put(folder.parent.parent, ".env", "B=grandparent\n")
    put(folder.parent.parent.parent.parent, ".env", "B=too far\n")
    assert load(folder, {})[0] == {"A": "folder", "B": "grandparent"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x", "x"),
        ("export A = x ", "x"),
        ("A='x # y'", "x # y"),
        ('A="x y"', "x y"),
        ("A=x # comment", "x"),
        ("A=x#y", "x#y"),
        ("A=${HOME}/x", "/home/x"),
        ("A=$HOME", "/home"),
        ("A=$HOME/x", ""),
        ("A=${NOTHING}x", "x"),
        ("A=", ""),
        ("A=a=b", "a=b"),
        ("A=${A}", ""),
    ],
)
def test_values(folder, line, value):
    put(folder, ".env", f"# A=no\n\nno equals sign\n=nameless\n{line}\n")
    assert load(folder, {"HOME": "/home"})[0] == {"A": value}


def test_a_variable_of_itself_ends(folder):
    put(folder, ".env", "A=x\nA=${A}${A}\nB='${B}'\n")
    load(folder, {"B": "${B}"})

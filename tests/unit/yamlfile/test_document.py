"""Every mistake of a file at once, with its place."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gomanager.errors import Problem
from gomanager.phasefile import PhaseKeys, complaints
from gomanager.yamlfile.document import Document, read
from gomanager.yamlfile.tree import MAX_BYTES, Tree, excerpt, parse


def problems(folder: Path, text: str | bytes) -> list[str]:
    file = folder / "p.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read(file, PhaseKeys, shown="p.yaml", check=complaints)
    if isinstance(found, Document):
        return []
    return [
        f"{p.place}: {p.message}" + (f" – {p.suggestion}" if p.suggestion else "") for p in found
    ]


def test_four_mistakes_are_four_lines(tmp_path: Path) -> None:
    text = """\
version: 1
name: network
run:
  runer: go
  timout: 15m
  race: maybe
when:
  affected: 3
"""
    assert problems(tmp_path, text) == [
        "p.yaml:4:3: unknown key 'runer' – did you mean 'runner'?",
        "p.yaml:5:3: unknown key 'timout' – did you mean 'timeout'?",
        "p.yaml:6:9: 'maybe' is not known here – one of: auto, true, false",
        "p.yaml:8:13: expected true or false, found the number 3",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tags: [x]", "p.yaml:1:1: unknown key 'tags' – it belongs under 'run'"),
        ("run: {reruns: 2}", "p.yaml:1:7: unknown key 'reruns' – it belongs one level up"),
        (
            "order: 1\norder: 2",
            "p.yaml:2:1: key 'order' stands here a second time; the first is in line 1",
        ),
        (
            "run: {env: {GO: 1.20}}",
            'p.yaml:1:17: 1.20 is read as the number 1.2, not as a text – quote it: "1.20"',
        ),
        (
            "run: {shuffle: off}",
            'p.yaml:1:16: off is read as the boolean false, not as a text – quote it: "off"',
        ),
        (
            "run: {tags: [no]}",
            'p.yaml:1:14: no is read as the boolean false, not as a text – quote it: "no"',
        ),
        (
            "run: {timeout: 22:30}",
            'p.yaml:1:16: 22:30 is read as the number 1350 – quote it: "22:30"',
        ),
        ("run: {env: {on: x}}", 'p.yaml:1:13: key on is read as a boolean – quote it: "on"'),
        ("run: {env: {1: x}}", 'p.yaml:1:13: key 1 is read as a number – quote it: "1"'),
        ("order: 010", "p.yaml:1:8: 010 is read as the number 8 – write 8, 10 or \"010\""),
        ("coverage: on", 'p.yaml:1:11: on is read as the boolean true, not as a text – quote it: "on"'),
        ("coverage: integraton", "p.yaml:1:11: 'integraton' is not known here – did you mean 'integration'?"),
        ("run: {tags: integration}", "p.yaml:1:13: expected a list, found a text – write [integration]"),
        ("reruns: -1", "p.yaml:1:9: -1 is less than 0"),
        ("version: 2", "p.yaml:1:10: '2' is not known here – one of: 1"),
        ("order: 99999", "p.yaml:1:8: 99999 is more than 9999"),
        ("slow: 10", 'p.yaml:1:7: 10 is read as the number 10, not as a text – quote it: "10"'),
        ("slow: soon", "p.yaml:1:7: 'soon' has not the right form (A case above this is named slow)"),
        ("run:", "p.yaml:1:5: expected a mapping, found nothing"),
        ("- a", "p.yaml:1:1: is not a mapping of keys to values"),
        ("a: 1\n---\nb: 2", "p.yaml:2:1: holds two documents – one file, one document"),
        ("run:\n\ttags: []", "p.yaml:2:1: a tab cannot indent YAML – use spaces"),
        ("a: [1", "p.yaml:1:6: did not find expected ',' or ']'"),
        ("a: &x [*x]", "p.yaml:1:4: an alias must not hold itself"),
        ("? [a]\n: b", "p.yaml:1:3: a key must be a word"),
        ("a: !!python/object:os.system x", "p.yaml:1:4: unknown tag 'tag:yaml.org,2002:python/object:os.system'"),
        ("run: {tests: '(?=x)'}", "p.yaml:1:14: not a Go regular expression: Go knows no '(?='"),
        ("run: {tests: A/b}", "p.yaml:1:14: '/' separates subtests; this matches top-level names only"),
        ("run: {tags: ['a,b']}", "p.yaml:1:14: 'a,b' is not a build tag – one tag an item: letters, digits, '_' and '.'"),
        ("run: {flags: [-json]}", "p.yaml:1:15: '-json' cannot be passed on – gomanager sets it itself"),
        ("run: {flags: ['-run=A']}", "p.yaml:1:15: '-run=A' cannot be passed on – use 'run.tests'"),
        ("run: {packages: ['../x']}", "p.yaml:1:18: '../x' is not a folder of this repository – patterns are relative to the repository root"),
        ("run: {packages: ['@unit']}", "p.yaml:1:18: '@unit' is unknown – @integration or @tagged"),
        ("run: {files: [a/b_test.go]}", "p.yaml:1:15: 'a/b_test.go' is not a pattern of file names – folders belong in 'run.packages'"),
        ("run: {shuffle: sometimes}", "p.yaml:1:16: 'sometimes' is no way to shuffle – \"off\", \"on\" or a number"),
        ("name: a b", "p.yaml:1:7: 'a b' has not the right form (Default: the name of the file)"),
        (b"name: \xff", "p.yaml:1:7: is not UTF-8 text"),
        (b"name: a\x00b", "p.yaml:1:8: holds the control character U+0000"),
        (b"\xff\xfen\x00", "p.yaml:1:1: is not UTF-8 text"),
        ("x" * (MAX_BYTES + 1), "p.yaml: is larger than 1 MiB"),
    ],
)  # fmt: skip
def test_each_trap(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert problems(tmp_path, text) == [expected]


def test_what_is_right_is_read(tmp_path: Path) -> None:
    text = """\
\ufeffname: x
run: &run
  shuffle: 42
  race: on
  flags: [-short, -vet=off]
  timeout: 1h30m
when:
  changed: ["*.sql", "!b.sql"]
"""
    file = tmp_path / "p.yaml"
    file.write_text(text)
    found = read(file, PhaseKeys, shown="p.yaml", check=complaints)
    assert isinstance(found, Document)
    assert found.value.run.race is True
    assert found.value.run.shuffle == 42
    assert found.value.run.flags == ("-short", "-vet=off")
    assert found.keys["name"] == "x"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}"])
def test_nothing_is_an_empty_mapping(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == []


def test_dates_are_texts(tmp_path: Path) -> None:
    assert problems(tmp_path, "description: 2024-99-99\nrun: {env: {DAY: 2024-01-01}}") == []


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for name, message in (
        ("folder", "folder: is not a regular file"),
        ("link", "link: cannot be read: No such file or directory"),
    ):
        found = read(tmp_path / name, PhaseKeys, shown=name)
        assert isinstance(found, tuple)
        assert f"{found[0].place}: {found[0].message}" == message


def test_aliases_are_few_and_do_not_explode(tmp_path: Path) -> None:
    many = "a: &a x\nb: [" + ", ".join(["*a"] * 101) + "]"
    assert problems(tmp_path, many)[0].endswith("more than 100 aliases")
    levels = [f"l{n}: &l{n} [" + ", ".join([f"*l{n - 1}"] * 10) + "]" for n in range(1, 10)]
    bomb = "\n".join(["l0: &l0 [x]", *levels])
    assert problems(tmp_path, bomb)[0].endswith("holds too many values")


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "[" * 60 + "]" * 60, "{a: " * 5000])
def test_deep_nesting_is_refused(tmp_path: Path, text: str) -> None:
    assert len(problems(tmp_path, text)) == 1


def test_merge_keys_are_read(tmp_path: Path) -> None:
    text = "run: &r {tags: [a]}\nwhen: {affected: true}\nrequires: {<<: {env: [A]}}\n"
    assert problems(tmp_path, text) == []


def test_excerpt_points_at_the_column() -> None:
    assert excerpt("a:\n\tbé: x", 2, 3) == "     bé: x\n      ^".replace("     b", "     b")
    long = "x" * 300 + "!" + "y" * 300
    line, caret = str(excerpt(long, 1, 301)).split("\n")
    assert line[caret.index("^")] == "!"
    assert len(line) <= 104
    assert excerpt("a", 7, 1) is None


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:{}[]&*!|>-? \n\t#'\"%@`,~1.é\u2028", max_size=40))
def test_any_text_is_a_tree_or_a_problem(text: str) -> None:
    assert isinstance(parse(text, "x"), Tree | Problem)

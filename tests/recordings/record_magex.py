"""Record what ``magex test:race ci`` prints over a tiny project of our own.

    python tests/recordings/record_magex.py          (magex and go on PATH)

Each case becomes ``magex-NAME.jsonl`` (stdout as it came) and ``magex-NAME.meta.json`` (exit code
and stderr). Folders of this machine are replaced, times and durations stay.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = ("-v=test2json", "-count=1", "-timeout=5m", "-tags=")

MOD = "module example.com/{0}\n\ngo 1.21\n"
HEAD = 'package p\n\nimport "testing"\n\n'
GREEN = HEAD + "func TestA(t *testing.T) {}\n"
SKIPS = (
    HEAD + 'func TestSkipped(t *testing.T) { t.Skip("not here") }\nfunc TestB(t *testing.T) {}\n'
)
FAILS = HEAD + (
    'func TestFails(t *testing.T) {\n\tt.Run("x", func(t *testing.T) { t.Error("boo") })\n}\n'
)
BUILD = HEAD + "func TestX(t *testing.T) { undefined() }\n"
TAGGED = "//go:build special\n\n" + HEAD + "func TestSpecial(t *testing.T) {}\n"
TWO = {
    ".mage.yaml": "test: {}\n",
    "go.mod": MOD.format("m"),
    "a_test.go": GREEN,
    "sub/go.mod": MOD.format("m/sub"),
    "sub/b_test.go": SKIPS,
}
CASES: dict[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "green": (TWO, FLAGS),
    "red": (
        {**TWO, "sub/c_test.go": FAILS},
        FLAGS,
    ),
    "build": ({**TWO, "lib/x_test.go": BUILD}, FLAGS),
    "unsafe": (TWO, (*FLAGS, "-trimpath")),
    "nothing": ({".mage.yaml": "test: {}\n"}, FLAGS),
    "swallowed": (
        {**TWO, "sub/go.mod": "module example.com/m/sub\n\ngo 1.21\n\nrequire x\n"},
        FLAGS,
    ),
    "config": ({**TWO, ".mage.yaml": "test:\n  tags: [a, b]\n"}, FLAGS),
    "passes": (
        {
            **TWO,
            "special_test.go": TAGGED,
            ".mage.yaml": (
                "test:\n  auto_discover_build_tags: true\n  combine_build_tags: false\n"
            ),
        },
        FLAGS[:-1],
    ),
}


def record(name: str, files: Mapping[str, str], flags: tuple[str, ...]) -> None:
    """Write the project, run magex in it, keep what it said."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "a" / "b" / "c" / "repository"
        for file, text in files.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        environ = {**os.environ, "MAGEX_NO_UPDATE_CHECK": "1", "GOFLAGS": "", "NO_COLOR": "1"}
        environ.pop("CI", None)
        done = subprocess.run(
            ["magex", "test:race", "ci", *flags],
            cwd=root, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        meta = {
            "exit_code": done.returncode,
            "stderr": done.stderr.replace(str(root), "/repository"),
        }
        stdout = done.stdout.replace(str(root), "/repository")
    (HERE / f"magex-{name}.jsonl").write_text(stdout, encoding="utf-8")
    (HERE / f"magex-{name}.meta.json").write_text(
        json.dumps(meta, indent=1) + "\n", encoding="utf-8"
    )
    print(name, done.returncode)


if __name__ == "__main__":
    for case, (project, arguments) in CASES.items():
        record(case, project, arguments)

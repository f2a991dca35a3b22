"""Makes a git repository of examples/courier and runs gomanager on its branch.

Exits 0 when gomanager behaved as it should: one broken test, one flaky one, exit code 1.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
PROJECT = EXAMPLES / "courier"
BRANCH = "retry-401"
IDENTITY = {
    "GIT_AUTHOR_NAME": "Courier",
    "GIT_AUTHOR_EMAIL": "courier@example.com",
    "GIT_AUTHOR_DATE": "2026-01-05T09:00:00Z",
    "GIT_COMMITTER_NAME": "Courier",
    "GIT_COMMITTER_EMAIL": "courier@example.com",
    "GIT_COMMITTER_DATE": "2026-01-05T09:00:00Z",
    # Signing keys, hooks and templates of the user's own git configuration have no say here.
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def build(target: Path) -> Path:
    """A repository with the default branch and the change, the branch checked out."""
    shutil.rmtree(target, ignore_errors=True)
    repository = target / "courier"
    shutil.copytree(PROJECT / "main", repository)
    _git(repository, "init", "-q", "-b", "main")
    _commit(repository, "Book, track and price parcels")
    _git(repository, "checkout", "-q", "-b", BRANCH)
    shutil.copytree(PROJECT / "branch", repository, dirs_exist_ok=True)
    _commit(repository, "Ask again after 401, and cancel bookings")
    return repository


def _commit(repository: Path, message: str) -> None:
    _git(repository, "add", "-A")
    _git(repository, "commit", "-q", "-m", message)


def _git(repository: Path, *arguments: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *arguments], cwd=repository, check=True, env={**inherited, **IDENTITY})


def run(repository: Path, store: Path, arguments: Sequence[str]) -> int:
    """gomanager's exit code; what it prints goes straight to the terminal."""
    command = ["gomanager", "run", "--store", str(store), *arguments]
    print(f"$ cd {repository}\n$ {' '.join(command)}", flush=True)
    here = [sys.executable, "-m", *command]
    # The example's go.mod must not make the go command fetch another toolchain.
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}
    return subprocess.run(here, cwd=repository, env=environment, check=False).returncode


def wrong(code: int, report: Path) -> list[str]:
    """What gomanager did not do as it should; empty when all is well."""
    if not report.is_file():
        return [f"exit code {code}, and no report in {report}"]
    document = json.loads(report.read_text(encoding="utf-8"))
    summary = document["summary"]
    expected = {"failed": 1, "flaky": 1, "packages_broken": 0}
    found = [f"exit code {code}, 1 was expected"] if code != 1 else []
    for key, value in expected.items():
        if summary[key] != value:
            found.append(f"{key}: {summary[key]}, {value} was expected")
    return found


def main(arguments: Sequence[str]) -> int:
    """``demo.py TARGET [ARGUMENTS OF GOMANAGER RUN]``."""
    target = Path(arguments[0]).resolve()
    repository = build(target)
    code = run(repository, target / "history.db", arguments[1:])
    mistakes = wrong(code, repository / "gomanager-report" / "report.json")
    print()
    for mistake in mistakes:
        print(f"demo: {mistake}", file=sys.stderr)
    if mistakes:
        return 1
    print(
        "demo: that was the point. The branch breaks TestRetryable/401, so gomanager exits 1;\n"
        "TestNetworkQuoteWithinBudget failed and passed when it ran again, so it is named flaky\n"
        f"and does not count as broken. The report is in {repository / 'gomanager-report'}.",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Every command that a finding offers, pasted into a shell at the repository root, fails again."""

import shutil
import subprocess
from pathlib import Path

import pytest
import samples

from gomanager.analysis.finding import Context, Reproduction
from gomanager.analysis.findings import findings
from gomanager.gotest.asked import Asked
from gomanager.gotest.execution import Execution
from gomanager.results import PhaseResult, Run, Severity, Verdict

pytestmark = pytest.mark.integration

FILES = {
    "go.mod": "module example.com/m\n\ngo 1.24\n",
    "store/store_test.go": """package store

import "testing"

func TestNames(t *testing.T) {
	for _, name := range []string{"a b", "it's", "$HOME `x`", "x|y/(z)", "100%", "ok"} {
		t.Run(name, func(t *testing.T) {
			if name != "ok" {
				t.Errorf("no %s", name)
			}
		})
	}
}
""",
    "early/early_test.go": """package early

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) { println("no database"); os.Exit(3) }
func TestA(t *testing.T)    {}
""",
    "broken/broken_test.go": 'package broken\n\nimport "testing"\n\nfunc TestA(t *testing.T) { nope() }\n',
    "stuck/stuck_test.go": """package stuck

import (
	"testing"
	"time"
)

func TestStuck(t *testing.T) { time.Sleep(time.Minute) }
""",
}


@pytest.fixture
def found(tmp_path: Path) -> tuple[Path, Run, Context]:
    """A run over a module in a folder whose name needs quotes."""
    if shutil.which("go") is None:
        pytest.skip("go is missing: https://go.dev/dl/")
    module = tmp_path / "my module"
    for name, text in FILES.items():
        path = module / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    argv = ["go", "test", "-json", "-timeout=2s", "./..."]
    done = subprocess.run(argv, cwd=module, capture_output=True, check=False)
    execution = Execution(Asked(module="example.com/m"))
    execution.feed(done.stdout)
    fold = execution.finish(done.returncode, done.stderr)
    phase = PhaseResult(
        name="unit", runner="go", verdict=Verdict.RED, exit_code=1, packages=fold.packages
    )
    how = Reproduction(folder="my module", module="example.com/m")
    context = Context(reproductions={("unit", "example.com/m"): how})
    return tmp_path, samples.run(Verdict.RED, phase), context


def test_every_command_fails_again(found: tuple[Path, Run, Context]) -> None:
    root, run, context = found
    critical = [f for f in findings(run, context) if f.severity is Severity.CRITICAL]
    assert {"assertion", "build", "exit", "timeout"} == {finding.kind for finding in critical}
    assert len(critical) == 8
    for finding in critical:
        assert finding.reproduce is not None
        again = subprocess.run(
            ["sh", "-c", finding.reproduce], cwd=root, capture_output=True, text=True, check=False
        )
        said = again.stdout + again.stderr
        assert again.returncode == 1, (finding.reproduce, said)
        last = finding.text.strip().split("\n")[-1].strip()
        if finding.kind == "assertion":
            assert last in said
            assert "no tests to run" not in said

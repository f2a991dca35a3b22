"""Guards that make accidents impossible in unit tests, and golden files."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A deadline measures the load of the machine, not the code: benchmarks measure time.
settings.register_profile("here", deadline=None)
settings.load_profile("here")

# A shell that starts us in the background has SIGINT ignored, and what we start inherits that.
for one in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(one) is signal.SIG_IGN:
        signal.signal(one, signal.default_int_handler if one is signal.SIGINT else signal.SIG_DFL)

HERE = Path(__file__).parent
UNIT = HERE / "unit"
GOLDEN = HERE / "golden"
HOME = str(Path.home())
_FORBIDDEN = {
    "subprocess.Popen": "start processes",
    "os.fork": "start processes",
    "os.forkpty": "start processes",
    "os.posix_spawn": "start processes",
    "os.spawn": "start processes",
    "os.exec": "start processes",
    "os.system": "start processes",
    "socket.connect": "use the network",
    "socket.bind": "use the network",
    "socket.getaddrinfo": "use the network",
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_guarded = False


def _watch(event: str, args: tuple[object, ...]) -> None:
    """An audit hook: it sees what a patched function would miss, and cannot be removed."""
    if not _guarded:
        return
    deed = _FORBIDDEN.get(event)
    if deed is None and event == "open" and _is_write_at_home(args):
        deed = f"write to the home directory ({args[0]})"
    if deed is not None:
        message = f"unit tests do not {deed}: this is a test for tests/integration"
        raise RuntimeError(message)


def _is_write_at_home(args: tuple[object, ...]) -> bool:
    path, flags = args[0], args[2]
    return (
        isinstance(path, str)
        and isinstance(flags, int)
        and bool(flags & _WRITES)
        and path.startswith(HOME + os.sep)
        and not path.startswith(str(HERE.parent) + os.sep)
    )


sys.addaudithook(_watch)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="Rewrite tests/golden; review by git diff."
    )


@pytest.fixture(autouse=True)
def guards(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: object
) -> Iterator[None]:
    """Unit tests start nothing, connect to nothing, and have an empty home."""
    global _guarded
    if UNIT not in request.path.parents:
        yield
        return
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    _guarded = True
    try:
        yield
    finally:
        _guarded = False


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with ``tests/golden/NAME``, or write it with ``--update-golden``."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"no {path}: run pytest --update-golden"
        assert path.read_bytes().decode() == text

    return compare

"""The guards of conftest.py hold."""

import os
import socket
import subprocess
from pathlib import Path

import pytest


def test_no_process() -> None:
    with pytest.raises(RuntimeError, match="do not start processes"):
        subprocess.run(["true"], check=False)


def test_no_fork() -> None:
    with pytest.raises(RuntimeError, match="do not start processes"):
        os.fork()


def test_no_network() -> None:
    with socket.socket() as sock, pytest.raises(RuntimeError, match="do not use the network"):
        sock.connect(("127.0.0.1", 9))


def test_home_is_empty_and_elsewhere(tmp_path: Path) -> None:
    assert tmp_path.parents[1] == Path.home().parent or Path.home().name == "home"
    assert not list(Path.home().iterdir())

"""Where reports are written to."""

import os
import threading
from pathlib import Path

import pytest

from gomanager.errors import EnvironmentFault
from gomanager.pipeline.publish import write


def test_a_pipe_or_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write(pipe, "report")
    reader.join()
    assert read == ["report"]
    assert pipe.is_fifo()


def test_a_file_is_replaced_and_a_folder_is_told(tmp_path: Path) -> None:
    write(tmp_path / "new" / "report.json", "one")
    write(tmp_path / "new" / "report.json", "two")
    assert (tmp_path / "new" / "report.json").read_text() == "two"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report.json"]
    with pytest.raises(EnvironmentFault, match="cannot write the report"):
        write(tmp_path / "new", "three")

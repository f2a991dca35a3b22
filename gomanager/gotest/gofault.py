"""Why ``go`` itself failed before any package, told from its stderr (S52)."""

from enum import StrEnum
from signal import Signals

from gomanager.regex import late

DISK_FULL = r"no space left on device|There is not enough space on the disk"
"""What Unix and Windows say."""
_BROKEN_MODULE = late(
    r"errors parsing (?:\S*)go\.(?:mod|work)|go\.mod:\d+:|go\.sum|missing go\.sum entry"
    r"|updates to go\.(?:mod|sum|work) needed|no required module provides|inconsistent vendoring"
    r"|cannot find module providing|malformed|checksum mismatch|SECURITY ERROR|invalid go version"
)
_ENVIRONMENT = late(
    r"go\.mod requires go|toolchain not available|cannot find main module|go\.mod file not found"
    r"|no packages to test|matched no packages|dial tcp|i/o timeout|no such host|TLS handshake"
    r"|unrecognized import path|proxyconnect|module lookup disabled"
    r"|executable file not found|permission denied|-race requires cgo|-race is not supported"
    r"|parsing \$GOFLAGS|C compiler|503 Service|502 Bad|connection re(?:fused|set)|" + DISK_FULL
)


class GoFault(StrEnum):
    """Whose fault it is."""

    MODULE = "module"
    """What go.mod, go.sum or the vendor folder say: the project's own files."""
    ENVIRONMENT = "environment"
    """No Go, too old a Go, no go.mod, no network."""
    OTHER = "other"


def go_fault(stderr: str) -> GoFault:
    """The project's files outrank the machine: a broken go.mod may mention both."""
    if _BROKEN_MODULE.search(stderr):
        return GoFault.MODULE
    return GoFault.ENVIRONMENT if _ENVIRONMENT.search(stderr) else GoFault.OTHER


def go_message(stderr: str) -> str:
    """What it said, without the progress of downloads."""
    lines = [line for line in stderr.split("\n") if line.strip()]
    said = [line for line in lines if not line.startswith("go: downloading")]
    return "\n".join((said or lines)[:20]) or "it failed and said nothing"


def exited(code: int) -> str:
    """``exited 1``, or which signal ended it."""
    if code >= 0:
        return f"exited {code}"
    names = {one.value: one.name for one in Signals}
    return f"was ended by {names.get(-code, f'signal {-code}')}"

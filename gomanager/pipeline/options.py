"""What the user asked of ``gomanager run``, as one value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The command line of ``run``; ``None`` means: not said, the configuration decides."""

    config: str | None = None
    everything: bool = False
    base: str | None = None
    phases: tuple[str, ...] = ()
    last_failed: bool = False
    fail_fast: bool = False
    reruns: int | None = None
    rerun_limit: str | None = None
    cover: bool = False
    require_tests: bool = False
    store: str | None = None
    no_store: bool = False
    no_ledger: bool = False
    formats: tuple[str, ...] = ()
    output: str | None = None
    as_json: bool = False
    dry_run: bool = False
    quiet: int = 0
    verbose: int = 0
    color: str = "auto"
    raw_command: bool = False
    """``arguments`` are a command of its own."""
    arguments: tuple[str, ...] = ()

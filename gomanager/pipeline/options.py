"""What the user asked of ``gomanager run``, as one value."""

from msgspec import Struct


class RunOptions(Struct, frozen=True, kw_only=True):
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
    keep_output: bool = False
    as_json: bool = False
    dry_run: bool = False
    quiet: int = 0
    verbose: int = 0
    color: str = "auto"
    raw_command: bool = False
    """``arguments`` are a command of its own."""
    arguments: tuple[str, ...] = ()

    def words(self) -> tuple[str, ...]:
        """The command line again, as far as it changes what runs."""
        words = ["--all"] if self.everything else []
        words += [word for name in self.phases for word in ("--phase", name)]
        words += ["--base", self.base] if self.base else []
        for on, name in (
            (self.last_failed, "--lf"),
            (self.fail_fast, "-x"),
            (self.cover, "--cover"),
            (self.require_tests, "--require-tests"),
            (self.no_ledger, "--no-ledger"),
        ):
            words += [name] if on else []
        words += [f"--rerun-fails={self.reruns}"] if self.reruns is not None else []
        words += [f"--rerun-limit={self.rerun_limit}"] if self.rerun_limit else []
        return (*words, *(("--", *self.arguments) if self.arguments else ()))

"""``python -m gomanager`` and the console script."""

import gc
import os
import sys
from contextlib import suppress

_ASKING = (["scope"], ["why"])
_OTHERWISE = {"--staged", "--help", "-h"}


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Results are long-lived values without cycles: collecting seldom reads a stream 10 % faster.
    gc.set_threshold(1_000_000, 50, 50)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:  # ^C while we are still importing
        code = 130
    gc.freeze()  # else the interpreter looks at every value once more before it ends
    if sys.argv[1:2] in _ASKING:  # nothing is left to do, and taking it all apart takes 3 ms
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _run(args: list[str]) -> int:
    look = None
    if args[:1] in _ASKING and _OTHERWISE.isdisjoint(args):
        from gomanager.git import early  # git works while the rest is imported

        status = early.status()
        _import_msgspec()

        from gomanager.git.look import head_start

        look = head_start(status)
    else:
        _import_msgspec()
    from gomanager.cli import run

    return run(args, look)


def _import_msgspec() -> None:
    """Without typing_extensions, where that is installed: typing has what msgspec takes from it,
    and reading it costs 6 ms."""
    absent = sys.modules.setdefault("typing_extensions", None) is None  # type: ignore[arg-type]
    import msgspec  # noqa: F401

    if absent:
        del sys.modules["typing_extensions"]


if __name__ == "__main__":
    main()

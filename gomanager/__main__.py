"""``python -m gomanager`` and the console script."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from gomanager.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

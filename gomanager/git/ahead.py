"""A question to git that is answered while others are asked."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from gomanager.errors import GomanagerError

T = TypeVar("T")


class Ahead(Generic[T]):
    """Starts ``call`` in a thread at once; ``result`` waits for it and raises what it raised.

    Not concurrent.futures: importing that costs as much as a git command.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._results: list[T] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(self._call())
        except (OSError, ValueError, GomanagerError) as error:
            self._error = error

    def done(self) -> None:
        """Wait for the end, good or bad."""
        self._thread.join()

    def result(self) -> T:
        """The answer."""
        self.done()
        if self._error is not None:
            raise self._error
        return self._results[0]

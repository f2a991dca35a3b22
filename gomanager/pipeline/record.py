"""Setting up what writes the ledger: fingerprints before the tests, and the means to learn."""

from functools import partial

from msgspec.structs import replace

from gomanager.pipeline.afterwards import again
from gomanager.pipeline.inputs import places
from gomanager.pipeline.learn import logs
from gomanager.pipeline.recorder import Recorder
from gomanager.pipeline.requests import Means, Planned
from gomanager.pipeline.scope import Answer


def recorded(
    answer: Answer, planned: tuple[Planned, ...], means: Means
) -> tuple[Recorder | None, tuple[Planned, ...]]:
    """The recorder of a run, and the requests with what lets it learn; none without fingerprints."""
    prints = answer.proofs.prints
    if not planned or prints is None:
        return None, planned
    learning = logs(means.toolchain, means.environ)
    recorder = Recorder(
        prints,
        answer.worlds,
        planned,
        learning,
        places(means.root, means.environ, means.toolchain.env),
        partial(again, answer),
        commit=answer.scope.head,
        dirty=answer.scope.dirty,
        run=means.uid,
    )
    if learning.wrapper is None:
        return recorder, planned
    wrapped = (replace(p, request=replace(p.request, wrapper=learning.wrapper)) for p in planned)
    return recorder, tuple(wrapped)

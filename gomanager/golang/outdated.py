"""Whether the go command refuses a go.mod because a local module that it links requires more.

``go: updates to go.mod needed``: then no package of the main module can be built, whatever it
imports. Only modules in the tree are looked at, for only they change without a change of go.mod.
"""

from collections.abc import Iterator, Mapping

from gomanager.golang.modules import Context, Module
from gomanager.golang.versions import STRICT, order, release


def outdated(context: Context, modules: Mapping[str, Module]) -> str:
    """Why go.mod needs an update; empty: it does not, as far as the tree tells."""
    if context.workspace is not None or context.vendor is not None or context.problem:
        return ""
    return next((why for main in context.mains for why in _reasons(context, main, modules)), "")


def _reasons(context: Context, main: Module, modules: Mapping[str, Module]) -> Iterator[str]:
    required = dict(main.file.require)
    for path, place in context.linked:
        module = modules.get(place)
        if path not in required or module is None or module.problem:
            continue
        need = release(module.file.go)
        if need[:2] >= STRICT and need > release(main.file.go):
            yield f"{path} needs go {module.file.go}, go.mod says {main.file.go or 'nothing'}"
        for other, version in module.file.require:
            if other in required and order(version) > order(required[other]):
                yield f"{path} requires {other} {version}, go.mod says {required[other]}"

"""Which CI this is, and what it announces about the commit: one value out of the environment.

``detect`` is pure; only ``read_event`` touches a file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gomanager.ci.vendors import TABLE, Vendor
from gomanager.regex import late


class Environment(Struct, frozen=True, kw_only=True):
    """What a CI announces; ``None`` where it says nothing. Shard indices count from 0."""

    vendor: str
    pull_request: str | None = None
    branch: str | None = None
    """The branch that is built: the source branch of a pull request."""
    base_branch: str | None = None
    base_commits: tuple[str, ...] = ()
    """Commits of the target, the most useful first; none of them need be a merge base."""
    before: str | None = None
    """What the branch pointed to before this push; ``None`` for a new branch."""
    head: str | None = None
    announced: str | None = None
    """The commit that HEAD must be for the checkout to be the vendor's own merge of a pull."""
    shard: tuple[int, int] | None = None
    """Index from 0, and total."""
    attempt: str | None = None
    run: str | None = None
    deepen: str = "fetch the whole history before the tests run"
    """The vendor's setting that turns a shallow clone into a usable one."""


_MERGE_REF = late(r"refs/(?:pull|merge-requests)/\d+/merge")
_NUMBER = late(r"\d+")
_COMMIT = late(r"[0-9a-fA-F]{7,64}")


def read_event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """The GitHub event file; empty where there is none or it cannot be read."""
    path = environ.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def detect(
    environ: Mapping[str, str], event: Mapping[str, Any] | None = None
) -> Environment | None:
    """The first row whose marker is set, filled from ``environ``; ``None`` outside of CI."""
    for vendor in TABLE:
        if _marked(vendor, environ):
            found = _fill(vendor, environ)
            return _with_event(found, environ, event or {}) if vendor.name == "github" else found
    if environ.get("CI", "").lower() in {"", "0", "false", "no"}:
        return None
    return Environment(vendor="unknown")


def _marked(vendor: Vendor, environ: Mapping[str, str]) -> bool:
    found = environ.get(vendor.marker, "")
    return found == vendor.value if vendor.value else found.lower() not in {"", "false", "0"}


def _fill(vendor: Vendor, environ: Mapping[str, str]) -> Environment:
    pull = _number(_first(environ, vendor.pull))
    of_pull = pull is not None or vendor.base_without_pull
    return Environment(
        vendor=vendor.name,
        pull_request=pull,
        branch=_branch(_first(environ, vendor.branch)),
        base_branch=_branch(_first(environ, vendor.base)) if of_pull else None,
        base_commits=_commits(environ, vendor.base_commits) if of_pull else (),
        before=next(iter(_commits(environ, vendor.before)), None),
        head=next(iter(_commits(environ, vendor.head)), None),
        announced=_announced(vendor, environ),
        shard=_shard(vendor, environ),
        attempt=_first(environ, vendor.attempt),
        run=_first(environ, vendor.run),
        deepen=vendor.deepen,
    )


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    values = (environ.get(name, "") for name in names)
    return next((value for value in values if value not in {"", "false"}), None)


def _number(text: str | None) -> str | None:
    """``12`` out of ``12``, ``pr/12`` and ``https://github.com/o/r/pull/12``."""
    last = (text or "").rstrip("/").rpartition("/")[2]
    return last if _NUMBER.fullmatch(last) else None


def _branch(text: str | None) -> str | None:
    return text.removeprefix("refs/heads/") if text else None


def _commits(environ: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Commit ids; zeros mean "there is none", and Buildkite may say ``HEAD``."""
    values = (environ.get(name, "") for name in names)
    return tuple(value for value in values if is_commit(value))


def is_commit(text: object) -> bool:
    """An object id, also a shortened one (Bitbucket), that is not all zeros."""
    return isinstance(text, str) and bool(_COMMIT.fullmatch(text)) and text.strip("0") != ""


def _announced(vendor: Vendor, environ: Mapping[str, str]) -> str | None:
    if vendor.merge is None:
        return None
    ref, commit = (environ.get(name, "") for name in vendor.merge)
    return commit if _MERGE_REF.fullmatch(ref) and is_commit(commit) else None


def _shard(vendor: Vendor, environ: Mapping[str, str]) -> tuple[int, int] | None:
    if vendor.shard is None:
        return None
    index_name, total_name, first = vendor.shard
    index, total = environ.get(index_name, ""), environ.get(total_name, "")
    if not (_NUMBER.fullmatch(index) and _NUMBER.fullmatch(total)):
        return None
    found = int(index) - first, int(total)
    return found if 0 <= found[0] < found[1] else None


def _with_event(
    found: Environment, environ: Mapping[str, str], event: Mapping[str, Any]
) -> Environment:
    """GitHub says the rest in a file: base and head of a pull, ``before`` of a push, the queue."""
    pull, queue = _map(event.get("pull_request")), _map(event.get("merge_group"))
    base, head = _map(pull.get("base")), _map(pull.get("head"))
    number = pull.get("number")
    commits = (base.get("sha"), queue.get("base_sha"))
    pushed = environ.get("GITHUB_EVENT_NAME", "push") == "push"
    return replace(
        found,
        pull_request=str(number) if isinstance(number, int) else _merge_number(environ),
        base_branch=found.base_branch
        or _text(base.get("ref"))
        or _branch(_text(queue.get("base_ref"))),
        base_commits=tuple(str(commit) for commit in commits if is_commit(commit)),
        before=str(event["before"]) if pushed and is_commit(event.get("before")) else None,
        head=str(head["sha"]) if is_commit(head.get("sha")) else found.head,
    )


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _merge_number(environ: Mapping[str, str]) -> str | None:
    ref = environ.get("GITHUB_REF", "")
    return ref.split("/")[2] if _MERGE_REF.fullmatch(ref) else None

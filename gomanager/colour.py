"""Two separate questions: may output be coloured, and may it move (https://no-color.org)."""

from collections.abc import Mapping

_RENDERS_ANSI = (
    "GITHUB_ACTIONS",
    "GITEA_ACTIONS",
    "GITLAB_CI",
    "BUILDKITE",
    "CIRCLECI",
    "TRAVIS",
    "APPVEYOR",
    "DRONE",
    "TEAMCITY_VERSION",
)
_OTHER_CI = (
    "TF_BUILD",
    "JENKINS_URL",
    "BITBUCKET_COMMIT",
    "PROW_JOB_ID",
    "SEMAPHORE",
    "BITRISE_BUILD_SLUG",
    "CODEBUILD_BUILD_ID",
    "CF_BUILD_ID",
    "BUDDY",
    "CIRRUS_CI",
)


def colour(stream_is_tty: bool, environ: Mapping[str, str], option: str = "auto") -> bool:
    """Whether a stream gets SGR sequences: the first rule that decides."""
    if option in ("always", "never"):
        return option == "always"
    if environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR", "")
    if forced:
        return forced.lower() not in ("0", "false")
    if environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    if environ.get("TERM") == "dumb":
        return False
    if _set(environ, _RENDERS_ANSI) or environ.get("CI") == "woodpecker":
        return True
    return environ.get("CLICOLOR") != "0" and stream_is_tty


def interactive(stderr_is_tty: bool, environ: Mapping[str, str]) -> bool:
    """Whether a live view and prompts make sense; ``TTY_INTERACTIVE`` overrides."""
    override = environ.get("TTY_INTERACTIVE", "")
    if override in ("0", "1"):
        return override == "1"
    return stderr_is_tty and not in_ci(environ) and environ.get("TERM") != "dumb"


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether a CI runs us, known by its own variable or by ``CI``."""
    generic = environ.get("CI", "").lower() not in ("", "0", "false", "no")
    return generic or _set(environ, _RENDERS_ANSI) or _set(environ, _OTHER_CI)


def _set(environ: Mapping[str, str], names: tuple[str, ...]) -> bool:
    return any(environ.get(name, "").lower() not in ("", "0", "false") for name in names)

"""One row for each CI: which of its variables says what.

Sources: the vendors' lists of predefined variables. The first row whose marker is set wins, so the
order matters: Gitea and Forgejo set GITHUB_ACTIONS too, and a Kubernetes job may run any of them.
"""

from msgspec import Struct


class Vendor(Struct, frozen=True, kw_only=True):
    """A row of the table: names of variables, the first one that is set counts."""

    name: str
    marker: str
    value: str = ""
    """What the marker must equal; empty: anything but empty and ``false``."""
    pull: tuple[str, ...] = ()
    branch: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    base_commits: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    shard: tuple[str, str, int] | None = None
    """Variables of index and total, and the number of the first shard."""
    attempt: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    merge: tuple[str, str] | None = None
    """Variables of the checked out ref and of the commit announced for it."""
    base_without_pull: bool = False
    """The base variables exist for pull requests only, and the number may be missing."""
    deepen: str = "fetch the whole history before the tests run"


_MR = "CI_MERGE_REQUEST_"
_BB_PULL = "BUILDKITE_PULL_REQUEST"
_AZURE = "SYSTEM_PULLREQUEST_"
_TEAMCITY = "TEAMCITY_PULLREQUEST_"

TABLE: tuple[Vendor, ...] = (
    Vendor(
        name="github",
        marker="GITHUB_ACTIONS",
        branch=("GITHUB_HEAD_REF", "GITHUB_REF_NAME"),
        base=("GITHUB_BASE_REF",),
        head=("GITHUB_SHA",),
        attempt=("GITHUB_RUN_ATTEMPT",),
        run=("GITHUB_RUN_ID",),
        merge=("GITHUB_REF", "GITHUB_SHA"),
        base_without_pull=True,
        deepen="set `fetch-depth: 0` on actions/checkout",
    ),
    Vendor(
        name="gitlab",
        marker="GITLAB_CI",
        pull=(_MR + "IID",),
        branch=(_MR + "SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH"),
        base=(_MR + "TARGET_BRANCH_NAME",),
        base_commits=(_MR + "TARGET_BRANCH_SHA", _MR + "DIFF_BASE_SHA"),
        before=("CI_COMMIT_BEFORE_SHA",),
        head=(_MR + "SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"),
        shard=("CI_NODE_INDEX", "CI_NODE_TOTAL", 1),
        attempt=("CI_JOB_ID",),
        run=("CI_PIPELINE_ID",),
        base_without_pull=True,
        deepen='set `GIT_DEPTH: "0"`',
    ),
    Vendor(
        name="buildkite",
        marker="BUILDKITE",
        pull=(_BB_PULL,),
        branch=("BUILDKITE_BRANCH",),
        base=(_BB_PULL + "_BASE_BRANCH",),
        head=("BUILDKITE_COMMIT",),
        shard=("BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0),
        attempt=("BUILDKITE_RETRY_COUNT",),
        run=("BUILDKITE_BUILD_ID",),
        deepen="remove `--depth` from BUILDKITE_GIT_CLONE_FLAGS",
    ),
    Vendor(
        name="circleci",
        marker="CIRCLECI",
        pull=("CIRCLE_PR_NUMBER", "CIRCLE_PULL_REQUEST"),
        branch=("CIRCLE_BRANCH",),
        head=("CIRCLE_SHA1",),
        shard=("CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0),
        attempt=("CIRCLE_WORKFLOW_ID",),
        run=("CIRCLE_WORKFLOW_ID",),
        deepen="set `method: full` on the checkout step",
    ),
    Vendor(
        name="azure",
        marker="TF_BUILD",
        pull=(_AZURE + "PULLREQUESTNUMBER", _AZURE + "PULLREQUESTID"),
        branch=(_AZURE + "SOURCEBRANCH", "BUILD_SOURCEBRANCH"),
        base=(_AZURE + "TARGETBRANCH",),
        head=(_AZURE + "SOURCECOMMITID", "BUILD_SOURCEVERSION"),
        shard=("SYSTEM_JOBPOSITIONINPHASE", "SYSTEM_TOTALJOBSINPHASE", 1),
        attempt=("SYSTEM_JOBATTEMPT",),
        run=("BUILD_BUILDID",),
        merge=("BUILD_SOURCEBRANCH", "BUILD_SOURCEVERSION"),
        base_without_pull=True,
        deepen="set `fetchDepth: 0` on the checkout step",
    ),
    Vendor(
        name="bitbucket",
        marker="BITBUCKET_COMMIT",
        pull=("BITBUCKET_PR_ID",),
        branch=("BITBUCKET_BRANCH",),
        base=("BITBUCKET_PR_DESTINATION_BRANCH",),
        base_commits=("BITBUCKET_PR_DESTINATION_COMMIT",),
        head=("BITBUCKET_COMMIT",),
        shard=("BITBUCKET_PARALLEL_STEP", "BITBUCKET_PARALLEL_STEP_COUNT", 0),
        run=("BITBUCKET_PIPELINE_UUID", "BITBUCKET_BUILD_NUMBER"),
        deepen="set `clone: {depth: full}`",
    ),
    Vendor(
        name="prow",
        marker="PROW_JOB_ID",
        pull=("PULL_NUMBER",),
        branch=("PULL_HEAD_REF",),
        base=("PULL_BASE_REF",),
        base_commits=("PULL_BASE_SHA",),
        head=("PULL_PULL_SHA",),
        run=("BUILD_ID",),
        deepen="remove `clone_depth` from the job",
    ),
    Vendor(
        name="jenkins",
        marker="JENKINS_URL",
        pull=("CHANGE_ID",),
        branch=("CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH"),
        base=("CHANGE_TARGET",),
        before=("GIT_PREVIOUS_SUCCESSFUL_COMMIT",),
        head=("GIT_COMMIT",),
        attempt=("BUILD_NUMBER",),
        run=("BUILD_TAG",),
        base_without_pull=True,
        deepen="turn off the shallow clone in the checkout's clone behaviour",
    ),
    Vendor(
        name="teamcity",
        marker="TEAMCITY_VERSION",
        pull=(_TEAMCITY + "NUMBER",),
        branch=(_TEAMCITY + "SOURCE_BRANCH",),
        base=(_TEAMCITY + "TARGET_BRANCH",),
        head=("BUILD_VCS_NUMBER",),
        run=("BUILD_NUMBER",),
        base_without_pull=True,
        deepen="set `teamcity.git.fetchAllHeads=true` and turn off the shallow clone",
    ),
    Vendor(
        name="drone",
        marker="DRONE",
        pull=("DRONE_PULL_REQUEST",),
        branch=("DRONE_SOURCE_BRANCH", "DRONE_BRANCH"),
        base=("DRONE_TARGET_BRANCH",),
        before=("DRONE_COMMIT_BEFORE",),
        head=("DRONE_COMMIT_SHA",),
        run=("DRONE_BUILD_NUMBER",),
        deepen="remove `clone: {depth}`",
    ),
    Vendor(
        name="woodpecker",
        marker="CI",
        value="woodpecker",
        pull=("CI_COMMIT_PULL_REQUEST",),
        branch=("CI_COMMIT_SOURCE_BRANCH", "CI_COMMIT_BRANCH"),
        base=("CI_COMMIT_TARGET_BRANCH",),
        before=("CI_PREV_COMMIT_SHA",),
        head=("CI_COMMIT_SHA",),
        run=("CI_PIPELINE_NUMBER",),
        base_without_pull=True,
        deepen="set `partial: false` and `depth: 0` on the clone step",
    ),
    Vendor(
        name="semaphore",
        marker="SEMAPHORE",
        pull=("SEMAPHORE_GIT_PR_NUMBER",),
        branch=("SEMAPHORE_GIT_WORKING_BRANCH", "SEMAPHORE_GIT_BRANCH"),
        base=("SEMAPHORE_GIT_BRANCH",),
        head=("SEMAPHORE_GIT_PR_SHA", "SEMAPHORE_GIT_SHA"),
        shard=("SEMAPHORE_JOB_INDEX", "SEMAPHORE_JOB_COUNT", 1),
        run=("SEMAPHORE_WORKFLOW_ID",),
        deepen="run `checkout --use-cache` or set SEMAPHORE_GIT_DEPTH",
    ),
    Vendor(
        name="travis",
        marker="TRAVIS",
        pull=("TRAVIS_PULL_REQUEST",),
        branch=("TRAVIS_PULL_REQUEST_BRANCH", "TRAVIS_BRANCH"),
        base=("TRAVIS_BRANCH",),
        head=("TRAVIS_PULL_REQUEST_SHA", "TRAVIS_COMMIT"),
        shard=("CI_NODE_INDEX", "CI_NODE_TOTAL", 0),
        run=("TRAVIS_BUILD_ID",),
        deepen="set `git: {depth: false}`",
    ),
    Vendor(
        name="appveyor",
        marker="APPVEYOR",
        pull=("APPVEYOR_PULL_REQUEST_NUMBER",),
        branch=("APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH", "APPVEYOR_REPO_BRANCH"),
        base=("APPVEYOR_REPO_BRANCH",),
        head=("APPVEYOR_PULL_REQUEST_HEAD_COMMIT", "APPVEYOR_REPO_COMMIT"),
        run=("APPVEYOR_BUILD_ID",),
        deepen="remove `clone_depth`",
    ),
    Vendor(
        name="bitrise",
        marker="BITRISE_BUILD_SLUG",
        pull=("BITRISE_PULL_REQUEST",),
        branch=("BITRISE_GIT_BRANCH",),
        base=("BITRISEIO_GIT_BRANCH_DEST",),
        head=("BITRISE_GIT_COMMIT", "GIT_CLONE_COMMIT_HASH"),
        run=("BITRISE_BUILD_SLUG",),
        base_without_pull=True,
        deepen="set `clone_depth: -1` on the git-clone step",
    ),
    Vendor(
        name="codebuild",
        marker="CODEBUILD_BUILD_ID",
        pull=("CODEBUILD_SOURCE_VERSION",),
        branch=("CODEBUILD_WEBHOOK_HEAD_REF",),
        base=("CODEBUILD_WEBHOOK_BASE_REF",),
        head=("CODEBUILD_RESOLVED_SOURCE_VERSION",),
        run=("CODEBUILD_BUILD_ID",),
        base_without_pull=True,
        deepen="set the source's git clone depth to Full",
    ),
    Vendor(
        name="codefresh",
        marker="CF_BUILD_ID",
        pull=("CF_PULL_REQUEST_NUMBER",),
        branch=("CF_BRANCH",),
        base=("CF_PULL_REQUEST_TARGET",),
        head=("CF_REVISION",),
        run=("CF_BUILD_ID",),
        base_without_pull=True,
    ),
    Vendor(
        name="buddy",
        marker="BUDDY",
        pull=("BUDDY_RUN_PR_NO",),
        branch=("BUDDY_RUN_PR_HEAD_BRANCH", "BUDDY_RUN_BRANCH"),
        base=("BUDDY_RUN_PR_BASE_BRANCH",),
        head=("BUDDY_EXECUTION_REVISION",),
        run=("BUDDY_RUN_ID",),
        base_without_pull=True,
    ),
    Vendor(
        name="cirrus",
        marker="CIRRUS_CI",
        pull=("CIRRUS_PR",),
        branch=("CIRRUS_BRANCH",),
        base=("CIRRUS_BASE_BRANCH",),
        base_commits=("CIRRUS_BASE_SHA",),
        head=("CIRRUS_CHANGE_IN_REPO",),
        run=("CIRRUS_BUILD_ID",),
    ),
    Vendor(
        name="kubernetes",
        marker="JOB_COMPLETION_INDEX",
        shard=("JOB_COMPLETION_INDEX", "", 0),
    ),
    Vendor(
        name="bazel",
        marker="TEST_TOTAL_SHARDS",
        shard=("TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", 0),
    ),
)

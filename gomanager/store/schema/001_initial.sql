-- The history store, step 1.
--
-- History of the format (PRAGMA user_version):
--   1  runs, phase results, package results, attempts, failures, texts, documents, sums per case,
--      ledger of proofs, learned paths
--
-- Names are stored once and referred to by integer; codes of outcomes, purposes, package results,
-- verdicts and sources are for ever (gomanager/store/codes.py). Durations are whole milliseconds,
-- instants milliseconds since 1970 in UTC. NULL is "unknown".

CREATE TABLE phases (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- Two modules may hold one import path.
CREATE TABLE packages (
    id INTEGER PRIMARY KEY,
    module TEXT NOT NULL,
    path TEXT NOT NULL,
    UNIQUE (module, path)
);

-- The empty name stands for the package itself in failures (build, TestMain, race after PASS).
CREATE TABLE cases (
    id INTEGER PRIMARY KEY,
    phase_id INTEGER NOT NULL REFERENCES phases (id),
    package_id INTEGER NOT NULL REFERENCES packages (id),
    name TEXT NOT NULL,
    UNIQUE (phase_id, package_id, name)
);

-- The empty key stands for "unknown": imported streams, phases that did not run.
CREATE TABLE variants (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,
    commit_sha TEXT,
    base_sha TEXT,
    dirty INTEGER NOT NULL,
    position INTEGER,
    side INTEGER NOT NULL,
    branch TEXT,
    pr TEXT,
    ci TEXT,
    ci_run TEXT,
    tool TEXT NOT NULL,
    scope TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    verdict INTEGER,
    outage INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX runs_by_start ON runs (started_ms);
CREATE INDEX runs_by_commit ON runs (commit_sha);

-- The atom: stored and merged whole or not at all. The counts are those of the report's summary.
CREATE TABLE phase_results (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    phase_id INTEGER NOT NULL REFERENCES phases (id),
    variant_id INTEGER NOT NULL REFERENCES variants (id),
    shard INTEGER NOT NULL,
    shards INTEGER NOT NULL,
    attempt_key TEXT NOT NULL,
    source INTEGER NOT NULL,
    machine TEXT,
    started_ms INTEGER,
    ms INTEGER,
    exit_code INTEGER,
    verdict INTEGER NOT NULL,
    argv TEXT NOT NULL,
    flags TEXT NOT NULL,
    packages INTEGER NOT NULL,
    packages_broken INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    passed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    flaky INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    not_run INTEGER NOT NULL,
    UNIQUE (run_id, phase_id, variant_id, shard, attempt_key)
);
CREATE INDEX phase_results_by_series ON phase_results (phase_id, variant_id);

-- explained: red at first, and a rerun explains every failure of it; equal in all attempts.
CREATE TABLE package_results (
    phase_result_id INTEGER NOT NULL,
    package_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    result INTEGER NOT NULL,
    purpose INTEGER NOT NULL,
    process INTEGER NOT NULL,
    ms INTEGER,
    seed INTEGER,
    complete INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    explained INTEGER NOT NULL,
    build_only INTEGER NOT NULL,
    fingerprint BLOB,
    PRIMARY KEY (phase_result_id, package_id, attempt)
) WITHOUT ROWID;

-- The mass. The phase result leads the key so that an append is sequential; a case that leads it
-- cost 255 ms an append at 2 million rows. fold: a parent that ended only through its children.
CREATE TABLE results (
    phase_result_id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    purpose INTEGER NOT NULL,
    process INTEGER NOT NULL,
    fold INTEGER NOT NULL,
    ms INTEGER,
    PRIMARY KEY (phase_result_id, case_id, attempt)
) WITHOUT ROWID;

CREATE TABLE fingerprints (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    cluster_id INTEGER,
    first_run INTEGER NOT NULL REFERENCES runs (id),
    last_run INTEGER NOT NULL REFERENCES runs (id)
);

CREATE TABLE texts (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
);

-- Every attempt that failed or has no end is here, with rank 0 for its primary reason.
CREATE TABLE failures (
    case_id INTEGER NOT NULL REFERENCES cases (id),
    phase_result_id INTEGER NOT NULL REFERENCES phase_results (id),
    attempt INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    fingerprint_id INTEGER NOT NULL REFERENCES fingerprints (id),
    message TEXT NOT NULL,
    file TEXT,
    line INTEGER,
    text_id INTEGER REFERENCES texts (id),
    PRIMARY KEY (case_id, phase_result_id, attempt, rank)
) WITHOUT ROWID;

-- Sums over raw rows, folds left out. n, f, skips, unknown: first attempts of runs that were
-- neither dirty nor an outage; flakes: phase results with a failure and a later pass in a fresh
-- process; ms: passing first attempts.
CREATE TABLE case_stats (
    case_id INTEGER NOT NULL,
    variant_id INTEGER NOT NULL,
    side INTEGER NOT NULL,
    n INTEGER NOT NULL,
    f INTEGER NOT NULL,
    flakes INTEGER NOT NULL,
    skips INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    reruns INTEGER NOT NULL,
    ms_n INTEGER NOT NULL,
    ms_sum INTEGER NOT NULL,
    ms_sq INTEGER NOT NULL,
    PRIMARY KEY (case_id, variant_id, side)
) WITHOUT ROWID;
CREATE INDEX case_stats_troubled ON case_stats (side) WHERE flakes > 0 OR f > 0;

-- The report of a run as other programs read it, so that it can be shown again.
CREATE TABLE documents (
    run_id INTEGER PRIMARY KEY REFERENCES runs (id),
    schema TEXT NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
);


-- Append-only, green and red: a red row takes back the green ones before it of its fingerprint.
-- sources: the part of the fingerprint that no phase has a share in.
-- doubt: why a green row proves nothing, empty where nothing stands against it. inputs: what the
-- tests read, with digests (zlib over JSON), NULL for none.
CREATE TABLE ledger (
    fingerprint BLOB NOT NULL,
    finished_ms INTEGER NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    package_id INTEGER NOT NULL REFERENCES packages (id),
    phase_id INTEGER NOT NULL REFERENCES phases (id),
    level INTEGER NOT NULL,
    sources BLOB NOT NULL,
    green INTEGER NOT NULL,
    doubt TEXT NOT NULL,
    dirty INTEGER NOT NULL,
    commit_sha TEXT,
    ms INTEGER,
    tests_run INTEGER NOT NULL,
    tests_skipped INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    inputs BLOB,
    PRIMARY KEY (fingerprint, finished_ms, run_id)
) WITHOUT ROWID;
CREATE INDEX ledger_by_package ON ledger (package_id, phase_id, finished_ms);
CREATE INDEX ledger_by_age ON ledger (green, finished_ms);

-- Paths of the repository that tests of a package read outside of what it owns: they only add to
-- what a change selects.
CREATE TABLE learned (
    path TEXT NOT NULL,
    package_id INTEGER NOT NULL REFERENCES packages (id),
    seen_ms INTEGER NOT NULL,
    PRIMARY KEY (path, package_id)
) WITHOUT ROWID;

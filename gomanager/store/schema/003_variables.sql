-- The history store, step 3.
--
-- History of the format (PRAGMA user_version):
--   1  runs, phase results, package results, attempts, failures, texts, documents, sums per case,
--      ledger of proofs, learned paths
--   2  what test processes took and left, cases of a package's process, time of builds
--   3  variables of the environment that tests read when they were last green

CREATE TABLE learned_variables (
    package_id INTEGER NOT NULL REFERENCES packages (id),
    phase_id INTEGER NOT NULL REFERENCES phases (id),
    name TEXT NOT NULL,
    -- Four bytes of a hash: enough to see a change, too little to find a secret by.
    digest TEXT NOT NULL,
    PRIMARY KEY (package_id, phase_id, name)
) WITHOUT ROWID;

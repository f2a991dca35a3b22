-- The history store, step 2.
--
-- History of the format (PRAGMA user_version):
--   1  runs, phase results, package results, attempts, failures, texts, documents, sums per case,
--      ledger of proofs, learned paths
--   2  what test processes took and left, cases of a package's process, time of builds
--
-- NULL is "unknown", as always: rows of step 1, other runners, other systems.

ALTER TABLE package_results ADD COLUMN cpu_ms INTEGER;
ALTER TABLE package_results ADD COLUMN peak_bytes INTEGER;
ALTER TABLE package_results ADD COLUMN left_running INTEGER;

-- How many leaves the package had: a process that ran fewer of them takes less.
ALTER TABLE package_results ADD COLUMN cases INTEGER;

ALTER TABLE phase_results ADD COLUMN build_ms INTEGER;
ALTER TABLE phase_results ADD COLUMN build_cpu_ms INTEGER;

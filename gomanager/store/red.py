"""What was red when it last ran: the question behind ``--lf``."""

import sqlite3
from collections import defaultdict

from gomanager.store.protocol import PackageKey, RedPackage

WINDOW_RUNS = 200
"""Runs that are looked back upon; what did not run in so many is forgotten."""

# 1. the window, in order of time; a phase result of the window has a rank
# 2. per case (the empty name is the package) its newest failing phase result
# 3. of these, those in a package that no rerun explained and whose case did not pass in the end;
#    a race is red whatever a rerun says (S34)
# 4. without those that ran again later, in whatever phase; a cached package counts as having run
#    all its cases
_RED = """
WITH win AS MATERIALIZED (
    SELECT p.id, p.phase_id, row_number() OVER (ORDER BY u.started_ms, p.id) AS rank
    FROM (SELECT id, started_ms FROM runs WHERE (:branch IS NULL OR branch = :branch)
              AND scope <> 'stress'
          ORDER BY started_ms DESC, id DESC LIMIT :window) u
    JOIN phase_results p ON p.run_id = u.id
), failed AS MATERIALIZED (
    SELECT f.case_id, f.phase_result_id AS pr, max(w.rank) AS rank
    FROM failures f JOIN win w ON w.id = f.phase_result_id GROUP BY f.case_id
)
SELECT k.module, k.path, h.name, c.name
FROM failed f JOIN cases c ON c.id = f.case_id JOIN packages k ON k.id = c.package_id
JOIN phases h ON h.id = c.phase_id
WHERE EXISTS (
    SELECT 1 FROM package_results e
    WHERE e.phase_result_id = f.pr AND e.package_id = c.package_id AND NOT e.explained)
AND (c.name = '' OR EXISTS (
    SELECT 1 FROM results x
    WHERE x.phase_result_id = f.pr AND x.case_id = f.case_id AND x.outcome <> 0
        AND x.process = (SELECT y.process FROM results y WHERE y.phase_result_id = f.pr
            AND y.case_id = f.case_id ORDER BY y.attempt DESC LIMIT 1)
) OR EXISTS (
    SELECT 1 FROM failures z JOIN fingerprints g ON g.id = z.fingerprint_id
    WHERE z.case_id = f.case_id AND z.phase_result_id = f.pr AND g.kind = 'race'))
AND NOT EXISTS (
    SELECT 1 FROM win w
    JOIN package_results l ON l.phase_result_id = w.id AND l.package_id = c.package_id
    LEFT JOIN cases s ON s.phase_id = w.phase_id AND s.package_id = c.package_id AND s.name = c.name
    WHERE w.rank > f.rank AND ((l.cached AND l.result = 0)
        OR (c.name = '' AND NOT l.build_only)
        OR EXISTS (SELECT 1 FROM results t WHERE t.phase_result_id = w.id AND t.case_id = s.id
            AND t.outcome IN (0, 1, 2))))
"""


def last_failed(connection: sqlite3.Connection, branch: str | None) -> tuple[RedPackage, ...]:
    """See :meth:`Store.last_failed`."""
    cases: dict[PackageKey, set[str]] = defaultdict(set)
    phases: dict[PackageKey, set[str]] = defaultdict(set)
    for module, path, phase, name in connection.execute(
        _RED, {"branch": branch, "window": WINDOW_RUNS}
    ):
        key = PackageKey(module, path)
        cases[key].add(name)
        phases[key].add(phase)
    return tuple(
        RedPackage(
            key=key,
            phases=tuple(sorted(phases[key])),
            cases=tuple(sorted(name for name in names if name)),
            whole="" in names,
        )
        for key, names in sorted(cases.items())
    )

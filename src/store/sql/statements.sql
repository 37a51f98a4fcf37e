-- The statements that eddy uses, by name (store.h). $1, $2, ... are filled in by the caller. They
-- keep to what SQLite and PostgreSQL have in common.

-- name: progress_begin
INSERT INTO progress (track, task, language, folder, state, attempts, hints, passed_at, changed_at)
VALUES ($1, $2, $3, $4, 'begun', 0, 0, NULL, $5)
ON CONFLICT (track, task, language, folder) DO NOTHING;

-- name: progress_attempt
UPDATE progress SET attempts = attempts + 1, changed_at = $5
WHERE track = $1 AND task = $2 AND language = $3 AND folder = $4;

-- name: progress_pass
UPDATE progress SET state = 'passed', passed_at = COALESCE(passed_at, $5), changed_at = $5
WHERE track = $1 AND task = $2 AND language = $3 AND folder = $4;

-- name: progress_hint
UPDATE progress SET hints = $5, changed_at = $6
WHERE track = $1 AND task = $2 AND language = $3 AND folder = $4;

-- name: progress_get
SELECT state, attempts, hints, COALESCE(passed_at, 0) FROM progress
WHERE track = $1 AND task = $2 AND language = $3 AND folder = $4;

-- name: progress_passed
SELECT track, COUNT(DISTINCT task) FROM progress WHERE state = 'passed'
GROUP BY track ORDER BY track;

-- name: progress_begun
SELECT track, language, folder, MAX(changed_at) FROM progress
GROUP BY track, language, folder ORDER BY MAX(changed_at) DESC, track, language, folder;

-- name: result_add
INSERT INTO results (id, track, task, language, folder, at, verdict, step, seed, report)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: result_last
SELECT at, verdict, step, seed, report FROM results
WHERE track = $1 AND task = $2 AND language = $3 AND folder = $4
ORDER BY at DESC, id DESC LIMIT 1;

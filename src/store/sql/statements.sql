-- The statements that eddy uses, by name (store.h). $1, $2, ... are filled in by the caller. They
-- keep to what SQLite and PostgreSQL have in common; a line that ends in "-- only: ..." is for one of them.

-- name: progress_begin
INSERT INTO progress (person, track, task, language, folder, state, attempts, hints, passed_at, changed_at)
VALUES ($1, $2, $3, $4, $5, 'begun', 0, 0, NULL, $6)
ON CONFLICT (person, track, task, language, folder) DO NOTHING;

-- name: progress_attempt
UPDATE progress SET attempts = attempts + 1, changed_at = $6
WHERE person = $1 AND track = $2 AND task = $3 AND language = $4 AND folder = $5;

-- name: progress_pass
UPDATE progress SET state = 'passed', passed_at = COALESCE(passed_at, $6), changed_at = $6
WHERE person = $1 AND track = $2 AND task = $3 AND language = $4 AND folder = $5;

-- A second look at what was handed in at $6: it may give what the first one did not, and takes nothing.
-- name: progress_pass_late
UPDATE progress SET state = 'passed', passed_at = COALESCE(passed_at, $6)
WHERE person = $1 AND track = $2 AND task = $3 AND language = $4 AND folder = $5;

-- name: progress_hint
UPDATE progress SET hints = $6, changed_at = $7
WHERE person = $1 AND track = $2 AND task = $3 AND language = $4 AND folder = $5;

-- name: progress_get
SELECT state, attempts, hints, COALESCE(passed_at, 0) FROM progress
WHERE person = $1 AND track = $2 AND task = $3 AND language = $4 AND folder = $5;

-- name: progress_passed
SELECT track, COUNT(DISTINCT task) FROM progress WHERE state = 'passed' AND person = $1
GROUP BY track ORDER BY track;

-- name: progress_tasks
SELECT DISTINCT track, task, state FROM progress WHERE person = $1 ORDER BY track, task, state;

-- name: progress_days
SELECT day, CAST(SUM(attempts) AS BIGINT), CAST(SUM(passed) AS BIGINT) FROM (
    SELECT at / 86400 AS day, 1 AS attempts, 0 AS passed FROM results WHERE person = $1 AND at >= $2
    UNION ALL
    SELECT MIN(passed_at) / 86400 AS day, 0 AS attempts, 1 AS passed FROM progress
    WHERE person = $1 AND state = 'passed' GROUP BY track, task HAVING MIN(passed_at) >= $2
) AS done GROUP BY day ORDER BY day;

-- name: progress_begun
SELECT track, language, folder, MAX(changed_at) FROM progress
GROUP BY track, language, folder ORDER BY MAX(changed_at) DESC, track, language, folder;

-- name: result_add
INSERT INTO results (id, person, track, task, language, folder, at, verdict, step, seed, report)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: result_last
SELECT at, verdict, step, seed, report FROM results
WHERE track = $1 AND task = $2 AND language = $3 AND folder = $4
ORDER BY at DESC, id DESC LIMIT 1;

-- The queue of the judge: src/judge/jobs.c. now_ms() is the database's clock.

-- Many write to it at once: then a log is faster than a journal that is made and removed each time. The
-- file keeps this setting.
-- name: job_open
PRAGMA journal_mode = WAL;                                           -- only: sqlite
SELECT 1;                                                            -- only: postgresql

-- name: job_put_lock
SELECT pg_advisory_xact_lock(hashtext($1));                          -- only: postgresql
SELECT $1; -- who writes is alone here anyway                        -- only: sqlite

-- name: job_supersede
UPDATE job SET state = 'cancelled', over_ms = now_ms()
WHERE learner = $1 AND topic = $2 AND state = 'queued' AND priority = 0
RETURNING id;

-- Gives no row if so many of the learner's wait already: $6.
-- name: job_put
INSERT INTO job (learner, topic, needs, priority, state, attempt, fence, seat, worker, why,
    event_count, ready_ms, lease_until_ms, put_ms, taken_ms, over_ms, payload, result)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), 'queued', 0, 0, NULL,
    '', '', 0, now_ms(), 0, now_ms(), 0, 0, CAST($5 AS TEXT), NULL
WHERE $1 = '' OR $4 <> 0 OR $6 > (
    SELECT COUNT(*) FROM job WHERE learner = $1 AND state = 'queued' AND priority = 0)
RETURNING id;

-- name: job_cancel
UPDATE job SET state = 'cancelled', over_ms = now_ms(), seat = NULL
WHERE id = $1 AND state IN ('queued', 'running');

-- $1 the worker's name, $2 the lease, $3 what it offers as ',c,go,' or '' for everything, $4 how many
-- of a learner may run, $5 how many attempts the one whose turn it is may have had, if it had any.
-- name: job_take
UPDATE job SET state = 'running', attempt = attempt + 1, fence = fence + 1, worker = $1,
    lease_until_ms = now_ms() + $2, taken_ms = now_ms(),
    seat = CASE learner WHEN '' THEN NULL ELSE (
        SELECT MIN(s.seat) FROM job_seat s WHERE s.seat NOT IN (
            SELECT COALESCE(r.seat, 0) FROM job r WHERE r.learner = job.learner AND r.state = 'running'))
        END
WHERE id = (
    SELECT q.id FROM job q
    WHERE q.state = 'queued' AND q.ready_ms <= now_ms()
        AND (q.needs = '' OR $3 = '' OR $3 LIKE '%,' || q.needs || ',%')
        AND (q.learner = ''
            OR (SELECT COUNT(*) FROM job r WHERE r.learner = q.learner AND r.state = 'running') < $4)
    ORDER BY q.priority, q.id LIMIT 1
    FOR UPDATE SKIP LOCKED                                           -- only: postgresql
) AND (attempt = 0 OR attempt <= $5)
RETURNING id, fence, attempt, priority, learner, event_count, payload;

-- name: job_beat
UPDATE job SET lease_until_ms = now_ms() + $3 WHERE id = $1 AND fence = $2 AND state = 'running';

-- name: job_held
SELECT id FROM job WHERE id = $1 AND fence = $2 AND state = 'running';

-- $3 how many there are then: who holds the job is the only one who adds, so he can count.
-- name: job_say
UPDATE job SET event_count = $3 WHERE id = $1 AND fence = $2 AND state = 'running';

-- name: job_event_add
INSERT INTO job_event (job, number, attempt, text) VALUES ($1, $2, $3, $4)
ON CONFLICT (job, number) DO NOTHING;

-- name: job_finish
UPDATE job SET state = 'done', over_ms = now_ms(), seat = NULL, why = '', result = $3
WHERE id = $1 AND fence = $2 AND state = 'running';

-- name: job_finished_with
SELECT id FROM job WHERE id = $1 AND fence = $2 AND state = 'done';

-- name: job_give_back
UPDATE job SET state = 'queued', attempt = attempt - 1, seat = NULL, ready_ms = now_ms()
WHERE id = $1 AND fence = $2 AND state = 'running';

-- An attempt came to nothing: $1 how many there may be, $2 the back-off, which doubles each time.
-- name: job_fail
UPDATE job SET state = CASE WHEN attempt >= $1 THEN 'not judged' ELSE 'queued' END, seat = NULL,
    over_ms = CASE WHEN attempt >= $1 THEN now_ms() ELSE 0 END,
    ready_ms = now_ms() + $2 * (1 << CAST(attempt - 1 AS INTEGER)), why = $5
WHERE id = $3 AND fence = $4 AND state = 'running';

-- name: job_sweep
UPDATE job SET state = CASE WHEN attempt >= $1 THEN 'not judged' ELSE 'queued' END, seat = NULL,
    over_ms = CASE WHEN attempt >= $1 THEN now_ms() ELSE 0 END,
    ready_ms = now_ms() + $2 * (1 << CAST(attempt - 1 AS INTEGER)),
    why = 'the worker ' || worker || ' was not heard of any more'
WHERE id IN (
    SELECT s.id FROM job s WHERE s.state = 'running' AND s.lease_until_ms < now_ms()
    FOR UPDATE SKIP LOCKED                                           -- only: postgresql
) RETURNING id;

-- name: job_sweep_worker
UPDATE job SET state = CASE WHEN attempt >= $1 THEN 'not judged' ELSE 'queued' END, seat = NULL,
    over_ms = CASE WHEN attempt >= $1 THEN now_ms() ELSE 0 END,
    ready_ms = now_ms(), why = 'the worker ' || worker || ' ended in the middle of it'
WHERE worker = $2 AND state = 'running' RETURNING id;

-- name: job_view
SELECT state, priority, learner, topic, worker, attempt, event_count, why, put_ms, taken_ms, over_ms
FROM job WHERE id = $1;

-- name: job_place
SELECT COUNT(*) FROM job WHERE state = 'queued' AND (priority < $1 OR (priority = $1 AND id < $2));

-- name: job_events
SELECT number, attempt, text FROM job_event WHERE job = $1 AND number >= $2 ORDER BY number LIMIT $3;

-- name: job_result
SELECT COALESCE(result, '') FROM job WHERE id = $1 AND state = 'done';

-- name: job_file_put
INSERT INTO job_file (job, name, text)
SELECT j.id, $3, $4 FROM job j WHERE j.id = $1 AND j.fence = $2 AND j.state = 'running'
ON CONFLICT (job, name) DO UPDATE SET text = excluded.text;

-- name: job_file
SELECT f.text FROM job_file f JOIN job j ON j.id = f.job WHERE f.job = $1 AND f.name = $2 AND j.state = 'done';

-- name: job_forget_events
DELETE FROM job_event WHERE job IN (
    SELECT id FROM job WHERE over_ms > 0 AND over_ms < now_ms() - $1);

-- name: job_forget_files
DELETE FROM job_file WHERE job IN (
    SELECT id FROM job WHERE over_ms > 0 AND over_ms < now_ms() - $1);

-- name: job_count
SELECT COUNT(CASE state WHEN 'queued' THEN 1 END), COUNT(CASE state WHEN 'running' THEN 1 END),
    COUNT(CASE state WHEN 'not judged' THEN 1 END),
    COALESCE(now_ms() - MIN(CASE state WHEN 'queued' THEN put_ms END), 0)
FROM job WHERE state IN ('queued', 'running', 'not judged');

-- What people handed in, and what they are writing: src/judge/handins.c, drafts.c.

-- name: handin_put
INSERT INTO handin (person, kind, track, task, language, job, put_ms, over_ms, verdict, sentence)
VALUES ($1, $2, $3, $4, $5, $6, now_ms(), 0, '', '') RETURNING id;

-- What is over by the queue but not noted here is still running for whoever looks; and what has its
-- verdict is done, also if a second look came to nothing.
-- name: handin_view
SELECT h.id, h.person, h.kind, h.track, h.task, h.language, h.job, h.put_ms, h.over_ms, h.verdict, h.sentence,
    CASE WHEN h.over_ms = 0 AND j.over_ms > 0 THEN 'running' WHEN h.verdict IN ('passed', 'failed') AND h.over_ms > 0 THEN 'done'
        ELSE j.state END, j.event_count, j.over_ms,
    CASE j.state WHEN 'queued' THEN 1 + (
        SELECT COUNT(*) FROM job p
        WHERE p.state = 'queued' AND (p.priority < j.priority OR (p.priority = j.priority AND p.id < j.id)))
        ELSE 0 END,
    j.attempt,
    CASE WHEN j.state = 'done' AND EXISTS (
        SELECT 1 FROM job_file f WHERE f.job = j.id AND f.name = 'report.html') THEN 1 ELSE 0 END
FROM handin h JOIN job j ON j.id = h.job WHERE h.id = $1;

-- The newest first; $2 and $3 may be '': of all tracks, of all tasks.
-- name: handin_list
SELECT h.id, h.person, h.kind, h.track, h.task, h.language, h.job, h.put_ms, h.over_ms, h.verdict, h.sentence,
    CASE WHEN h.over_ms = 0 AND j.over_ms > 0 THEN 'running' WHEN h.verdict IN ('passed', 'failed') AND h.over_ms > 0 THEN 'done'
        ELSE j.state END, j.event_count, j.over_ms,
    CASE j.state WHEN 'queued' THEN 1 + (
        SELECT COUNT(*) FROM job p
        WHERE p.state = 'queued' AND (p.priority < j.priority OR (p.priority = j.priority AND p.id < j.id)))
        ELSE 0 END,
    j.attempt,
    CASE WHEN j.state = 'done' AND EXISTS (
        SELECT 1 FROM job_file f WHERE f.job = j.id AND f.name = 'report.html') THEN 1 ELSE 0 END
FROM handin h JOIN job j ON j.id = h.job
WHERE h.person = $1 AND ($2 = '' OR h.track = $2) AND ($3 = '' OR h.task = $3)
ORDER BY h.id DESC LIMIT $4;

-- name: handin_open
SELECT h.id FROM handin h JOIN job j ON j.id = h.job WHERE h.over_ms = 0 AND j.over_ms > 0 LIMIT $1;

-- One of those who try notes it, and only while it is the same job's ($5). A second look that came to
-- nothing (not judged, cancelled) leaves what the first one said.
-- name: handin_settle
UPDATE handin SET over_ms = $2,
    verdict = CASE WHEN verdict = '' OR $3 IN ('passed', 'failed') THEN CAST($3 AS TEXT) ELSE verdict END,
    sentence = CASE WHEN verdict = '' OR $3 IN ('passed', 'failed') THEN CAST($4 AS TEXT) ELSE sentence END
WHERE id = $1 AND job = $5 AND over_ms = 0;

-- name: handin_files
SELECT j.payload FROM handin h JOIN job j ON j.id = h.job WHERE h.id = $1;

-- name: draft_get
SELECT files, version FROM draft WHERE person = $1 AND track = $2 AND task = $3 AND language = $4;

-- name: draft_begin
INSERT INTO draft (person, track, task, language, version, changed_ms, files)
VALUES ($1, $2, $3, $4, 1, now_ms(), $5)
ON CONFLICT (person, track, task, language) DO NOTHING;

-- name: draft_change
UPDATE draft SET files = $5, version = version + 1, changed_ms = now_ms()
WHERE person = $1 AND track = $2 AND task = $3 AND language = $4 AND version = $6;

-- The workers: src/judge/machines.c.

-- name: machine_beat
INSERT INTO machine (name, sandbox, tools, jobs, draining, cache_bytes, free_bytes, began_ms, beat_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, now_ms(), now_ms())
ON CONFLICT (name) DO UPDATE SET sandbox = excluded.sandbox, tools = excluded.tools, jobs = excluded.jobs,
    draining = excluded.draining, cache_bytes = excluded.cache_bytes, free_bytes = excluded.free_bytes,
    beat_ms = excluded.beat_ms;

-- name: machine_leave
DELETE FROM machine WHERE name = $1;

-- name: machine_forget
DELETE FROM machine WHERE beat_ms < now_ms() - $1;

-- name: machine_list
SELECT m.name, m.sandbox, m.tools, m.jobs, m.draining, m.cache_bytes, m.free_bytes, m.began_ms, m.beat_ms,
    now_ms() - m.beat_ms, (SELECT COUNT(*) FROM job j WHERE j.state = 'running' AND j.worker = m.name)
FROM machine m ORDER BY m.name;

-- What waits comes in its order, all else with the newest first.
-- name: job_list_queued
SELECT state, priority, learner, topic, worker, attempt, event_count, why, put_ms, taken_ms, over_ms, id
FROM job WHERE state = 'queued' ORDER BY priority, id LIMIT $1;

-- name: job_list
SELECT state, priority, learner, topic, worker, attempt, event_count, why, put_ms, taken_ms, over_ms, id
FROM job WHERE state = $2 ORDER BY id DESC LIMIT $1;

-- What the same jobs are for: src/judge/errands.c.

-- name: errand_list_queued
SELECT j.id, COALESCE(h.id, 0), COALESCE(h.kind, ''), COALESCE(h.track, ''), COALESCE(h.task, ''), j.needs, COALESCE(p.address, '')
FROM (SELECT id, priority, needs FROM job WHERE state = 'queued' ORDER BY priority, id LIMIT $1) j
LEFT JOIN handin h ON h.job = j.id LEFT JOIN play p ON p.job = j.id ORDER BY j.priority, j.id;

-- name: errand_list
SELECT j.id, COALESCE(h.id, 0), COALESCE(h.kind, ''), COALESCE(h.track, ''), COALESCE(h.task, ''), j.needs, COALESCE(p.address, '')
FROM (SELECT id, needs FROM job WHERE state = $2 ORDER BY id DESC LIMIT $1) j
LEFT JOIN handin h ON h.job = j.id LEFT JOIN play p ON p.job = j.id ORDER BY j.id DESC;

-- name: database_bytes
SELECT c.page_count * s.page_size FROM pragma_page_count() c, pragma_page_size() s;  -- only: sqlite
SELECT pg_database_size(current_database());                                         -- only: postgresql

-- Regrading: src/judge/regrade.c.

-- name: regrade_list
SELECT h.id, h.job, j.learner, j.needs, j.payload
FROM handin h JOIN job j ON j.id = h.job
WHERE h.track = $1 AND h.task = $2 AND h.kind = 'submit' AND h.over_ms > 0 AND h.id > $3
    AND h.id = (SELECT MAX(n.id) FROM handin n
        WHERE n.track = h.track AND n.task = h.task AND n.person = h.person AND n.kind = 'submit'
            AND n.verdict <> 'cancelled')
ORDER BY h.id LIMIT $4;

-- The verdict stays and counts until there is another one; 'not judged' is none.
-- name: regrade_move
UPDATE handin SET job = $3, over_ms = 0,
    verdict = CASE verdict WHEN 'not judged' THEN '' ELSE verdict END,
    sentence = CASE verdict WHEN 'not judged' THEN '' ELSE sentence END
WHERE id = $1 AND job = $2 AND over_ms > 0;

-- Runs of the playground: src/judge/plays.c.

-- name: play_add
INSERT INTO play (address, person, job) VALUES ($1, $2, $3);

-- name: play_find
SELECT p.job, p.person, CASE WHEN EXISTS (
        SELECT 1 FROM job_file f WHERE f.job = p.job AND f.name = 'report.html') THEN 1 ELSE 0 END, j.payload
FROM play p JOIN job j ON j.id = p.job WHERE p.address = $1;

-- The statements of src/accounts; see statements.sql for how they are written.

-- ---- people ----

-- name: person_add
INSERT INTO person (name, full_name, role, closed, password, made_ms, seen_ms)
VALUES ($1, $2, $3, 0, $4, $5, $5)
ON CONFLICT (name) DO NOTHING RETURNING id;

-- name: person_credentials
SELECT id, password, closed FROM person WHERE name = $1;

-- name: person_own_credentials
SELECT id, password, closed FROM person WHERE id = $1;

-- name: person_get
SELECT id, name, full_name, role, closed, CASE password WHEN '' THEN 0 ELSE 1 END, made_ms, seen_ms FROM person WHERE id = $1;

-- name: person_get_by_name
SELECT id, name, full_name, role, closed, CASE password WHEN '' THEN 0 ELSE 1 END, made_ms, seen_ms FROM person WHERE name = $1;

-- name: person_list
SELECT id, name, full_name, role, closed, CASE password WHEN '' THEN 0 ELSE 1 END, made_ms, seen_ms FROM person
WHERE name > $1 AND (LOWER(name) LIKE $2 ESCAPE '\' OR LOWER(full_name) LIKE $2 ESCAPE '\')
ORDER BY name LIMIT $3;

-- name: person_set_password
UPDATE person SET password = $2 WHERE id = $1;

-- name: person_rehash
UPDATE person SET password = $3 WHERE id = $1 AND password = $2;

-- name: person_set_full_name
UPDATE person SET full_name = $2 WHERE id = $1;

-- Two admins who take each other's role at one moment wait for each other here.
-- name: person_admins_lock
SELECT pg_advisory_xact_lock(7307219);                               -- only: postgresql
SELECT 1; -- who writes is alone here anyway                         -- only: sqlite

-- name: person_count_admins
SELECT COUNT(*) FROM person WHERE role = 3 AND closed = 0;

-- Not if he is the last admin: $2 the new role, 3 an admin's.
-- name: person_set_role
UPDATE person SET role = $2 WHERE id = $1 AND ($2 = 3 OR role <> 3 OR closed = 1
    OR (SELECT COUNT(*) FROM person WHERE role = 3 AND closed = 0) > 1);

-- name: person_set_closed
UPDATE person SET closed = $2 WHERE id = $1 AND ($2 = 0 OR role <> 3 OR closed = 1
    OR (SELECT COUNT(*) FROM person WHERE role = 3 AND closed = 0) > 1);

-- name: person_delete
DELETE FROM person WHERE id = $1 AND (role <> 3 OR closed = 1
    OR (SELECT COUNT(*) FROM person WHERE role = 3 AND closed = 0) > 1);

-- name: person_seen
UPDATE person SET seen_ms = $2 WHERE id = $1;

-- ---- identities of providers ----

-- name: identity_person
SELECT person FROM person_identity WHERE issuer = $1 AND subject = $2;

-- name: identity_add
INSERT INTO person_identity (issuer, subject, person, made_ms) VALUES ($1, $2, $3, $4)
ON CONFLICT (issuer, subject) DO NOTHING;

-- Not if it is the only way in.
-- name: identity_remove
DELETE FROM person_identity WHERE person = $1 AND issuer = $2 AND (
    EXISTS (SELECT 1 FROM person p WHERE p.id = $1 AND p.password <> '')
    OR EXISTS (SELECT 1 FROM person_identity o WHERE o.person = $1 AND o.issuer <> $2));

-- name: identity_list
SELECT issuer, subject, made_ms FROM person_identity WHERE person = $1 ORDER BY made_ms, issuer, subject;

-- name: identity_delete_all
DELETE FROM person_identity WHERE person = $1;

-- ---- sessions ----

-- name: session_add
INSERT INTO person_session (hash, person, made_ms, seen_ms, idle_end_ms, end_ms)
SELECT CAST($1 AS TEXT), id, CAST($3 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT)
FROM person WHERE id = $2 AND closed = 0;

-- Those beyond the $2 that were used last.
-- name: session_trim
DELETE FROM person_session WHERE person = $1 AND hash NOT IN (
    SELECT k.hash FROM person_session k WHERE k.person = $1 ORDER BY k.seen_ms DESC, k.made_ms DESC, k.hash LIMIT $2);

-- name: session_get
SELECT p.id, p.name, p.role, s.seen_ms, s.end_ms FROM person_session s JOIN person p ON p.id = s.person
WHERE s.hash = $1 AND p.closed = 0 AND s.idle_end_ms > $2 AND s.end_ms > $2;

-- name: session_touch
UPDATE person_session SET seen_ms = $2, idle_end_ms = $3 WHERE hash = $1;

-- name: session_end
DELETE FROM person_session WHERE hash = $1;

-- name: session_end_all
DELETE FROM person_session WHERE person = $1;

-- name: session_list
SELECT made_ms, seen_ms FROM person_session WHERE person = $1 AND idle_end_ms > $2 AND end_ms > $2
ORDER BY seen_ms DESC, made_ms DESC;

-- name: session_sweep
DELETE FROM person_session WHERE idle_end_ms <= $1 OR end_ms <= $1;

-- ---- links ----

-- name: link_add
INSERT INTO access_link (hash, kind, role, class, person, maker, uses_left, made_ms, until_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: link_find
SELECT id, kind, role, class, person, maker, uses_left, made_ms, until_ms FROM access_link
WHERE hash = $1 AND kind = $2 AND uses_left > 0 AND until_ms > $3;

-- name: link_find_id
SELECT id, kind, role, class, person, maker, uses_left, made_ms, until_ms FROM access_link
WHERE id = $1 AND uses_left > 0 AND until_ms > $2;

-- name: link_use
UPDATE access_link SET uses_left = uses_left - 1 WHERE id = $1 AND uses_left > 0 AND until_ms > $2;

-- name: link_list
SELECT id, kind, role, class, person, maker, uses_left, made_ms, until_ms FROM access_link
WHERE kind = $1 AND (CAST($2 AS BIGINT) = 0 OR maker = $2) AND (CAST($3 AS BIGINT) = 0 OR class = $3) AND uses_left > 0 AND until_ms > $4
ORDER BY id DESC LIMIT $5;

-- name: link_end
DELETE FROM access_link WHERE id = $1;

-- name: link_end_of
DELETE FROM access_link WHERE kind = $1 AND person = $2;

-- What a person made stays good, but names him no more.
-- name: link_forget_maker
UPDATE access_link SET maker = -1 WHERE maker = $1;

-- name: link_end_of_class
DELETE FROM access_link WHERE class = $1;

-- name: link_sweep
DELETE FROM access_link WHERE uses_left <= 0 OR until_ms <= $1;

-- ---- classes ----

-- name: class_add
INSERT INTO class (title, made_ms) VALUES ($1, $2) RETURNING id;

-- name: class_get
SELECT c.id, c.title, c.made_ms,
    (SELECT COUNT(*) FROM class_member m WHERE m.class = c.id AND m.teaches = 0),
    COALESCE((SELECT m.teaches FROM class_member m WHERE m.class = c.id AND m.person = $2), -1)
FROM class c WHERE c.id = $1;

-- $2: 1 for all classes that there are.
-- name: class_list
SELECT c.id, c.title, c.made_ms,
    (SELECT COUNT(*) FROM class_member m WHERE m.class = c.id AND m.teaches = 0),
    COALESCE((SELECT m.teaches FROM class_member m WHERE m.class = c.id AND m.person = $1), -1)
FROM class c
WHERE $2 = 1 OR EXISTS (SELECT 1 FROM class_member m WHERE m.class = c.id AND m.person = $1)
ORDER BY c.made_ms DESC, c.id DESC LIMIT $3;

-- name: class_set_title
UPDATE class SET title = $2 WHERE id = $1;

-- name: class_delete
DELETE FROM class WHERE id = $1;

-- name: class_delete_members
DELETE FROM class_member WHERE class = $1;

-- name: class_delete_assignment_tasks
DELETE FROM assignment_task WHERE assignment IN (SELECT id FROM assignment WHERE class = $1);

-- name: class_delete_assignments
DELETE FROM assignment WHERE class = $1;

-- Gives no row to a class that is full: $5 members.
-- name: class_join
INSERT INTO class_member (class, person, teaches, joined_ms)
SELECT c.id, p.id, CAST($3 AS BIGINT), CAST($4 AS BIGINT) FROM class c, person p
WHERE c.id = $1 AND p.id = $2 AND (SELECT COUNT(*) FROM class_member m WHERE m.class = c.id) < $5
ON CONFLICT (class, person) DO NOTHING;

-- Not if he is its last teacher.
-- name: class_leave
DELETE FROM class_member WHERE class = $1 AND person = $2 AND (teaches = 0
    OR (SELECT COUNT(*) FROM class_member m WHERE m.class = $1 AND m.teaches = 1) > 1);

-- name: class_leave_all
DELETE FROM class_member WHERE person = $1;

-- name: class_member_get
SELECT teaches FROM class_member WHERE class = $1 AND person = $2;

-- name: class_members
SELECT p.id, p.name, p.full_name, m.teaches, m.joined_ms, p.seen_ms FROM class_member m
JOIN person p ON p.id = m.person WHERE m.class = $1 ORDER BY m.teaches DESC, LOWER(CASE p.full_name WHEN '' THEN p.name ELSE p.full_name END), p.name;

-- Whether somebody teaches a class that somebody else is in.
-- name: class_teaches
SELECT 1 FROM class_member t JOIN class_member l ON l.class = t.class
WHERE t.person = $1 AND t.teaches = 1 AND l.person = $2 LIMIT 1;

-- ---- assignments ----

-- Gives no row if the class has $6 of them.
-- name: assignment_add
INSERT INTO assignment (class, title, due_ms, attempts_max, made_ms)
SELECT c.id, CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT) FROM class c
WHERE c.id = $1 AND (SELECT COUNT(*) FROM assignment o WHERE o.class = $1) < $6
RETURNING id;

-- name: assignment_set
UPDATE assignment SET title = $2, due_ms = $3, attempts_max = $4 WHERE id = $1;

-- name: assignment_get
SELECT id, class, title, due_ms, attempts_max, made_ms FROM assignment WHERE id = $1;

-- name: assignment_list
SELECT id, class, title, due_ms, attempts_max, made_ms FROM assignment WHERE class = $1
ORDER BY CASE due_ms WHEN 0 THEN 1 ELSE 0 END, due_ms, id;

-- name: assignment_delete
DELETE FROM assignment WHERE id = $1;

-- name: assignment_task_add
INSERT INTO assignment_task (assignment, number, track, task) VALUES ($1, $2, $3, $4);

-- name: assignment_tasks
SELECT track, task FROM assignment_task WHERE assignment = $1 ORDER BY number;

-- name: assignment_tasks_delete
DELETE FROM assignment_task WHERE assignment = $1;

-- ---- grades: handin is src/judge's ----

-- name: grade_handins
SELECT h.person, h.track, h.task, h.id, h.put_ms, h.verdict FROM handin h
JOIN class_member m ON m.person = h.person
JOIN assignment_task t ON t.track = h.track AND t.task = h.task
WHERE t.assignment = $1 AND m.class = $2 AND m.teaches = 0
    AND h.kind = 'submit' AND h.verdict IN ('passed', 'failed')
ORDER BY h.person, h.id;

-- name: grade_handins_of
SELECT h.person, h.track, h.task, h.id, h.put_ms, h.verdict FROM handin h
JOIN assignment_task t ON t.track = h.track AND t.task = h.task
WHERE t.assignment = $1 AND h.person = $2 AND h.kind = 'submit' AND h.verdict IN ('passed', 'failed')
ORDER BY h.id;

-- name: grade_standings
SELECT p.id, p.name, p.full_name, m.joined_ms, p.seen_ms,
    (SELECT COUNT(DISTINCT g.track || '/' || g.task) FROM progress g WHERE g.person = p.id AND g.state = 'passed'),
    COALESCE(h.track, ''), COALESCE(h.task, ''), COALESCE(h.verdict, ''), COALESCE(h.put_ms, 0), COALESCE(h.id, 0)
FROM class_member m JOIN person p ON p.id = m.person
LEFT JOIN handin h ON h.id = (SELECT MAX(l.id) FROM handin l WHERE l.person = p.id AND l.kind = 'submit')
WHERE m.class = $1 AND m.teaches = 0 ORDER BY LOWER(CASE p.full_name WHEN '' THEN p.name ELSE p.full_name END), p.name;

-- name: grade_stickings
SELECT track, task, COUNT(*), SUM(passed), SUM(CASE passed WHEN 0 THEN failed ELSE 0 END), COALESCE((
    SELECT w.sentence FROM handin w JOIN class_member n ON n.person = w.person
    WHERE n.class = $1 AND n.teaches = 0 AND w.kind = 'submit' AND w.verdict = 'failed'
        AND w.track = tried.track AND w.task = tried.task
    GROUP BY w.sentence ORDER BY COUNT(*) DESC, MAX(w.id) DESC LIMIT 1), '')
FROM (
    SELECT h.person, h.track, h.task, MAX(CASE h.verdict WHEN 'passed' THEN 1 ELSE 0 END) AS passed,
        COUNT(CASE h.verdict WHEN 'failed' THEN 1 END) AS failed
    FROM handin h JOIN class_member m ON m.person = h.person
    WHERE m.class = $1 AND m.teaches = 0 AND h.kind = 'submit' AND h.verdict IN ('passed', 'failed')
    GROUP BY h.person, h.track, h.task) tried
GROUP BY track, task HAVING SUM(passed) < COUNT(*)
ORDER BY COUNT(*) - SUM(passed) DESC, 5 DESC, track, task LIMIT $2;

-- ---- a person's own data, and their end ----

-- name: export_progress
SELECT track, task, language, folder, state, attempts, hints, COALESCE(passed_at, 0), changed_at FROM progress
WHERE person = $1 ORDER BY track, task, language, folder;

-- name: export_drafts
SELECT track, task, language, version, changed_ms, files FROM draft WHERE person = $1
ORDER BY track, task, language;

-- name: export_handins
SELECT h.id, h.kind, h.track, h.task, h.language, h.put_ms, h.over_ms, h.verdict, h.sentence,
    COALESCE(j.payload, ''), COALESCE(j.result, '')
FROM handin h LEFT JOIN job j ON j.id = h.job WHERE h.person = $1 ORDER BY h.id;

-- name: export_plays
SELECT p.address, COALESCE(j.put_ms, 0), COALESCE(j.over_ms, 0), COALESCE(j.payload, ''), COALESCE(j.result, '')
FROM play p LEFT JOIN job j ON j.id = p.job WHERE p.person = $1 ORDER BY p.job;

-- name: gone_add
INSERT INTO task_of_the_gone (track, task, people, passed, attempts)
SELECT g.track, g.task, 1, MAX(CASE g.state WHEN 'passed' THEN 1 ELSE 0 END), CAST(SUM(g.attempts) AS BIGINT)
FROM progress g WHERE g.person = $1 GROUP BY g.track, g.task
ON CONFLICT (track, task) DO UPDATE SET people = task_of_the_gone.people + excluded.people,
    passed = task_of_the_gone.passed + excluded.passed, attempts = task_of_the_gone.attempts + excluded.attempts;

-- All jobs that were ever put in for him: also those that a regrade has replaced (their learner is "person N").
-- name: gone_job_events
DELETE FROM job_event WHERE job IN (
    SELECT id FROM job WHERE learner = 'person ' || CAST(CAST($1 AS BIGINT) AS TEXT)
    UNION SELECT job FROM handin WHERE person = $1 UNION SELECT job FROM play WHERE person = $1);

-- name: gone_job_files
DELETE FROM job_file WHERE job IN (
    SELECT id FROM job WHERE learner = 'person ' || CAST(CAST($1 AS BIGINT) AS TEXT)
    UNION SELECT job FROM handin WHERE person = $1 UNION SELECT job FROM play WHERE person = $1);

-- name: gone_jobs
DELETE FROM job WHERE id IN (
    SELECT id FROM job WHERE learner = 'person ' || CAST(CAST($1 AS BIGINT) AS TEXT)
    UNION SELECT job FROM handin WHERE person = $1 UNION SELECT job FROM play WHERE person = $1);

-- name: gone_handins
DELETE FROM handin WHERE person = $1;

-- name: gone_plays
DELETE FROM play WHERE person = $1;

-- name: gone_drafts
DELETE FROM draft WHERE person = $1;

-- name: gone_progress
DELETE FROM progress WHERE person = $1;

-- name: gone_results
DELETE FROM results WHERE person = $1;

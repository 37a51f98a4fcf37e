-- The queue of the judge (src/judge/jobs.h). Times are milliseconds since 1970 by now_ms(), the clock
-- of the database's machine, and of no other.

-- A file of SQLite is lent this function by the program that opens it.
CREATE FUNCTION now_ms() RETURNS BIGINT LANGUAGE sql STABLE AS                           -- only: postgresql
    'SELECT CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)';            -- only: postgresql

CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,                                                -- only: sqlite
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,                                  -- only: postgresql
    learner TEXT NOT NULL,         -- '': nobody's
    topic TEXT NOT NULL,
    needs TEXT NOT NULL,           -- what its worker must offer, or ''
    priority BIGINT NOT NULL,      -- 0: interactive, 1: regrade
    state TEXT NOT NULL,           -- 'queued', 'running', 'done', 'cancelled', 'not judged'
    attempt BIGINT NOT NULL,       -- that runs or ran last
    fence BIGINT NOT NULL,         -- one higher at each take
    seat BIGINT,                   -- while it runs for a learner: which of his places it has
    worker TEXT NOT NULL,          -- who has or had it last
    why TEXT NOT NULL,             -- what the last attempt that failed said
    event_count BIGINT NOT NULL,
    ready_ms BIGINT NOT NULL,      -- queued: not before
    lease_until_ms BIGINT NOT NULL, -- running: others may have it after
    put_ms BIGINT NOT NULL,
    taken_ms BIGINT NOT NULL,      -- 0: never
    over_ms BIGINT NOT NULL,       -- likewise
    payload TEXT NOT NULL,
    result TEXT                    -- once it is done
)
WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)                            -- only: postgresql
;

-- So many of a learner at once and no more, also when two workers take at the same moment: one of
-- them gets the seat.
CREATE UNIQUE INDEX job_by_seat ON job (learner, seat) WHERE state = 'running';
CREATE INDEX job_by_order ON job (priority, id) WHERE state = 'queued';
CREATE INDEX job_by_learner ON job (learner) WHERE state = 'queued';
CREATE INDEX job_by_lease ON job (lease_until_ms) WHERE state = 'running';

CREATE TABLE job_event (
    job BIGINT NOT NULL,
    number BIGINT NOT NULL,        -- from 0, without gaps
    attempt BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job, number)
);

-- What came with the result: a report to look at.
CREATE TABLE job_file (
    job BIGINT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job, name)
);

-- The seats that there are: 1 to JOB_RUNNING_MAX.
CREATE TABLE job_seat (seat BIGINT PRIMARY KEY);
INSERT INTO job_seat VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14),
    (15), (16), (17), (18), (19), (20), (21), (22), (23), (24), (25), (26), (27), (28), (29), (30), (31), (32);

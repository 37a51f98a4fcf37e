-- Learners in the browser: whose progress it is, what they hand in, and what they are writing.
-- A person is a number that src/accounts gives out; 0 is the one person of a machine without accounts.

CREATE TABLE progress_of (
    person BIGINT NOT NULL,
    track TEXT NOT NULL,      -- the slug: "messenger"
    task TEXT NOT NULL,       -- likewise: "echo"
    language TEXT NOT NULL,
    folder TEXT NOT NULL,     -- absolute; '': in the browser
    state TEXT NOT NULL,      -- "begun" or "passed"; what was passed once stays so
    attempts BIGINT NOT NULL,
    hints BIGINT NOT NULL,    -- how many were shown
    passed_at BIGINT,         -- seconds since 1970; of the first time
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (person, track, task, language, folder)
);
INSERT INTO progress_of (person, track, task, language, folder, state, attempts, hints, passed_at, changed_at)
SELECT 0, track, task, language, folder, state, attempts, hints, passed_at, changed_at FROM progress;
DROP TABLE progress;
ALTER TABLE progress_of RENAME TO progress;

ALTER TABLE results ADD COLUMN person BIGINT NOT NULL DEFAULT 0;
CREATE INDEX results_by_person ON results (person, track, task, at);

-- What somebody handed in. Its files are the payload of its job, and the judge's words its result.
CREATE TABLE handin (
    id INTEGER PRIMARY KEY AUTOINCREMENT,                                                -- only: sqlite
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,                                  -- only: postgresql
    person BIGINT NOT NULL,
    kind TEXT NOT NULL,       -- 'run': the first seed, for a look; 'submit': an attempt
    track TEXT NOT NULL,
    task TEXT NOT NULL,
    language TEXT NOT NULL,
    job BIGINT NOT NULL,
    put_ms BIGINT NOT NULL,   -- since 1970, by the database's clock
    over_ms BIGINT NOT NULL,  -- likewise; 0: what came of it is not noted here yet
    verdict TEXT NOT NULL,    -- then: 'passed', 'failed', 'not judged', 'cancelled'; before: ''
    sentence TEXT NOT NULL    -- why; '' if passed
);
CREATE INDEX handin_by_person ON handin (person, id);
CREATE INDEX handin_by_task ON handin (track, task, person, id);
CREATE INDEX handin_by_job ON handin (job) WHERE over_ms = 0;

-- What somebody is writing. Whoever writes says which version he has seen.
CREATE TABLE draft (
    person BIGINT NOT NULL,
    track TEXT NOT NULL,
    task TEXT NOT NULL,
    language TEXT NOT NULL,
    version BIGINT NOT NULL,  -- from 1
    changed_ms BIGINT NOT NULL,
    files TEXT NOT NULL,      -- a JSON list of {"name", "text"}
    PRIMARY KEY (person, track, task, language)
);

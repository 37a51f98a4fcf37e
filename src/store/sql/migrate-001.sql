-- What a learner has done, on this machine. One row a task that was begun.

CREATE TABLE progress (
    track TEXT NOT NULL,      -- the slug: "messenger"
    task TEXT NOT NULL,       -- likewise: "echo"
    language TEXT NOT NULL,
    folder TEXT NOT NULL,     -- absolute
    state TEXT NOT NULL,      -- "begun" or "passed"; what was passed once stays so
    attempts BIGINT NOT NULL,
    hints BIGINT NOT NULL,    -- how many were shown
    passed_at BIGINT,         -- seconds since 1970; of the first time
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (track, task, language, folder)
);

-- One row a check.
CREATE TABLE results (
    id TEXT PRIMARY KEY,
    track TEXT NOT NULL,
    task TEXT NOT NULL,
    language TEXT NOT NULL,
    folder TEXT NOT NULL,
    at BIGINT NOT NULL,       -- seconds since 1970
    verdict TEXT NOT NULL,    -- "passed", "failed", "not built"
    step TEXT NOT NULL,       -- the one that failed; '' if none did
    seed BIGINT NOT NULL,     -- likewise, 0
    report TEXT NOT NULL      -- its folder, '' if there is none
);

CREATE INDEX results_by_time ON results (track, task, at);

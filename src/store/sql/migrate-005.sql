-- Which workers there are (src/judge/machines.h). Times as of now_ms().

CREATE TABLE machine (
    name TEXT PRIMARY KEY,         -- of one life of a worker, as in job.worker
    sandbox TEXT NOT NULL,         -- the level: 'A' to 'D', or 'off'
    tools TEXT NOT NULL,           -- what it judges, in which versions; JSON
    jobs BIGINT NOT NULL,          -- at a time
    draining BIGINT NOT NULL,      -- 1: takes nothing more
    cache_bytes BIGINT NOT NULL,   -- what its cache holds, about
    free_bytes BIGINT NOT NULL,    -- on the disk of its folder
    began_ms BIGINT NOT NULL,
    beat_ms BIGINT NOT NULL
);

-- Runs of the playground (src/judge/plays.h): what was asked and what came of it stands in the job.
CREATE TABLE play (
    address TEXT PRIMARY KEY, -- 22 letters and digits of chance; whoever has it may see the run
    person BIGINT NOT NULL,   -- who asked for it
    job BIGINT NOT NULL
);
CREATE INDEX play_by_person ON play (person);

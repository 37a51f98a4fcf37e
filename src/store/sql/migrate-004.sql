-- People, classes and what belongs to them (src/accounts). Times are milliseconds since 1970 by the
-- server's clock. A person's number is never given again; 0 is the one of a server without accounts
-- and has no row here. Whoever deletes a person or a class deletes what hangs on it (accounts.sql).

CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,                                                -- only: sqlite
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,                                  -- only: postgresql
    name TEXT NOT NULL UNIQUE,     -- small letters
    full_name TEXT NOT NULL,       -- or ''
    role BIGINT NOT NULL,          -- enum role
    closed BIGINT NOT NULL,        -- 1: cannot sign in
    password TEXT NOT NULL,        -- argon2id's hash, or '': comes by a provider only
    made_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL
);

-- One row a provider's account.
CREATE TABLE person_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person BIGINT NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX person_identity_by_person ON person_identity (person);

CREATE TABLE person_session (
    hash TEXT PRIMARY KEY,         -- SHA-256 of the token, which is nowhere
    person BIGINT NOT NULL,
    made_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,       -- to the hour
    idle_end_ms BIGINT NOT NULL,   -- moves on when it is used
    end_ms BIGINT NOT NULL         -- stays
);
CREATE INDEX person_session_by_person ON person_session (person);

CREATE TABLE access_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,                                                -- only: sqlite
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,                                  -- only: postgresql
    hash TEXT NOT NULL UNIQUE,     -- as of sessions
    kind BIGINT NOT NULL,          -- enum link_kind
    role BIGINT NOT NULL,
    class BIGINT NOT NULL,         -- 0: none
    person BIGINT NOT NULL,        -- 0: nobody's
    maker BIGINT NOT NULL,         -- 0: the command line
    uses_left BIGINT NOT NULL,
    made_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL
);

CREATE TABLE class (
    id INTEGER PRIMARY KEY AUTOINCREMENT,                                                -- only: sqlite
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,                                  -- only: postgresql
    title TEXT NOT NULL,
    made_ms BIGINT NOT NULL
);

CREATE TABLE class_member (
    class BIGINT NOT NULL,
    person BIGINT NOT NULL,
    teaches BIGINT NOT NULL,       -- 1: a teacher of this class
    joined_ms BIGINT NOT NULL,
    PRIMARY KEY (class, person)
);
CREATE INDEX class_member_by_person ON class_member (person);

CREATE TABLE assignment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,                                                -- only: sqlite
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,                                  -- only: postgresql
    class BIGINT NOT NULL,
    title TEXT NOT NULL,
    due_ms BIGINT NOT NULL,        -- what is handed in later does not count; 0: no deadline
    attempts_max BIGINT NOT NULL,  -- the first so many of a task count; 0: all
    made_ms BIGINT NOT NULL
);
CREATE INDEX assignment_by_class ON assignment (class);

CREATE TABLE assignment_task (
    assignment BIGINT NOT NULL,
    number BIGINT NOT NULL,        -- their order, from 0
    track TEXT NOT NULL,
    task TEXT NOT NULL,
    PRIMARY KEY (assignment, number)
);

-- What people who deleted their accounts had done, in sums that name nobody.
CREATE TABLE task_of_the_gone (
    track TEXT NOT NULL,
    task TEXT NOT NULL,
    people BIGINT NOT NULL,
    passed BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (track, task)
);

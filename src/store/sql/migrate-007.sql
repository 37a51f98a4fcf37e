-- What a job is for (src/judge/errands.h): asked of some hundred jobs at once, by who looks after the server.
CREATE INDEX handin_of_job ON handin (job);
CREATE INDEX play_of_job ON play (job);

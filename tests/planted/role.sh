#!/bin/sh
# Plants mistakes in what docs/operating.md tells people to type for the workers' role in the database (its rights and the policies of its
# rows), one at a time, and expects src/judge/jobs_role_test.c, which does what stands there, to find each. Run from the top of the tree.
set -eu
. tests/changed.sh
make -s build/tests/judge/jobs_role_test
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/docs" "$out/here"
ln -s "$PWD"/* "$out/here/"
rm "$out/here/docs"
ln -s "$out/docs" "$out/here/docs"
plant() { # TEST SED_COMMAND
    changed docs/operating.md "$out/docs/operating.md" "$2"
    (cd "$out/here" && build/tests/judge/jobs_role_test "$1") >"$out/said" 2>&1 || true
    has_failed "$1" "$2"
}

captured=a_captured_worker_cannot_reach_what_is_none_of_its_business
enough=a_workers_role_is_enough_for_its_work
plant $captured 's/GRANT SELECT ON eddy_version, job_seat, job TO/GRANT SELECT ON eddy_version, job_seat, job, draft TO/'
plant $captured 's/GRANT UPDATE (state, /GRANT UPDATE (payload, state, /'
plant $captured 's/ALTER TABLE job ENABLE ROW LEVEL SECURITY;/SELECT 1;/'
plant $captured 's/over_ms > now_ms() - 3600000/over_ms > 0/'
plant $captured "s/FOR UPDATE TO eddy_worker USING (state IN ('queued', 'running'))/FOR UPDATE TO eddy_worker USING (true)/"
plant $captured 's/ON job_event TO eddy_worker USING (EXISTS .*;$/ON job_event TO eddy_worker USING (true);/'
plant $captured 's/ON job_file TO eddy_worker USING (EXISTS .*;$/ON job_file TO eddy_worker USING (true);/'
plant $enough 's/why, event_count, /why, /'
plant $enough 's/GRANT SELECT, INSERT, UPDATE, DELETE ON machine/GRANT SELECT, INSERT, UPDATE ON machine/'
echo "ok planted/role.sh: found all of them, as it must be"

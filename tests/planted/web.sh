#!/bin/sh
# Plants bugs in the server, one at a time, and expects the tests of src/web to find each. Each bug is a
# line that is changed in a copy; only that file is compiled again. What must come and does not, since a bug is there, is waited for 2 s
# only: whoever gives up too soon finds a bug all the same. Run from the top of the tree.
set -eu
. tests/changed.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
flags="-std=c17 -Wall -Wextra -D_GNU_SOURCE -O1 -g -I/usr/include/postgresql -I/usr/include/lua5.4"
libs="-lcmocka -llua5.4 -ljansson -lzstd -larchive -lmd4c -lsqlite3 -lpq -lmicrohttpd -largon2 -lcurl -lz -lnghttp2 -lssl -lcrypto -lm -lpthread"
make -s build/libeddy.a build/obj/src/base/test_main.o

room=web
rounds=200 # of 10 ms
plant() { # FILE.c TEST NAME_OF_THE_TEST SED_COMMAND
    changed_room "$room/$1" "$4"
    # shellcheck disable=SC2086
    ${CC:-gcc} $flags -DWAIT_ROUNDS=$rounds -o "$out/test" "$out/src/$room/$2.c" "$out/src/$room/$1" build/obj/src/base/test_main.o build/libeddy.a $libs
    "$out/test" "$3" >"$out/said" 2>&1 || true
    has_failed "$3" "$4"
}

plant html.c html_test every_s_is_escaped 's/xml_text(out, str_of(va_arg(args, const char \*)))/buf_add_text(out, va_arg(args, const char *))/'
plant markdown.c markdown_test html_in_a_page 's/            xml_text(target_of(w), text);$/            buf_add_str(target_of(w), text);/'
plant site.c routes_test links_of_the_course 's/if (path.len == 0 || add_file(owner, path, ret_url))/if (add_file(owner, path, ret_url) || true)/; s/starts(target, "http:\/\/")/true/'
plant listen.c listen_test only_this_machine 's|return anywhere .. ntohl(.*== 127;|return true;|'
plant url.c url_test what_means_nothing "s/if (c == '\\\\0')/if (false)/"
plant routes.c routes_test other_methods 's/strcmp(got, "HEAD") == 0/true/'
plant request.c routes_test what_changes_something 's/strcmp(h->x_eddy, "1") != 0/false/'
plant request.c routes_test what_changes_something 's/strcasecmp(at + 3, host) == 0/true/'
plant request.c routes_test what_changes_something 's/strcmp(h->fetch_site, "same-origin") == 0/true/'
plant request.c routes_test a_page_that_was_made 's/return strcmp(q->headers.x_eddy_person, id) == 0;/return true;/'
plant layout.c api_drafts_test an_old_window 's/PRId64, who->id/PRId64, who->id + 1/'
plant routes.c routes_test a_route_says_who_may 's/route->least > (known/false \&\& (known/'
plant routes.c routes_test a_body_is_json 's/if (!body_is_understood(route, q))/if (false \&\& !body_is_understood(route, q))/'
plant routes.c away_test while_nobody_can_be_named 's/known == ERR_AWAY \&\& is_for_everybody(route)/false/'
plant server.c server_test a_body_arrives_whole 's/reading->body.len + len > reading->route->body_max ||/false ||/'
plant server.c server_test who_may_not_ask 's/return admit(s, reading, \&r) ? MHD_YES : say(s, c, q, \&r);/return MHD_YES;/'
plant send.c server_test what_was_made_for_somebody 's/r->who != NULL .. r->who->id != 0/false/'
plant stream.c server_test a_client_that_goes_away 's/server->stopping || client_is_gone(s)/server->stopping/'
rounds=500 # it is silent for 2 s by itself
plant stream.c server_test a_silent_stream 's/s->guest->due_ms = [^;]*;/;/'
rounds=200
plant stream.c server_test streams_have_a_limit 's/own >= SERVER_STREAMS_OF_ONE_MAX/false/'
plant later.c server_test work_holds_up_nobody 's/s->later_count < SERVER_LATER_MAX/true/'
plant later.c server_test work_holds_up_nobody 's/begun = pthread_create(&thread, &attr, work, l) == 0/begun = true; thread = pthread_self(); (void)thread; work(l)/'
plant response.c server_test what_a_response_says 's/; HttpOnly//'
plant api.c api_test answers_are_as_described 's/"count",$/"counts",/'
plant live.c api_submissions_test a_stream_tells 's/    if (over >= 0)$/    if (over == 0)/'
plant live.c api_submissions_test who_comes_back 's/w->from = resume_from(q);/w->from = 0;/'
plant handin_json.c api_submissions_test nobody_sees_anothers_work 's/who->id == h->person ||/true ||/'
plant handin_json.c api_submissions_test nobody_sees_anothers_work 's/return s->teaches(.*/return 1;/'
plant api_submissions.c api_submissions_test what_cannot_be_judged 's/if (json_object_get(all, "seed") != NULL ||/if (/'
plant api_submissions.c api_submissions_test who_submits_all 's/return reply_is_allowed(.*/return key[0] != 0 || s == NULL || r == NULL;/'
plant api_submissions.c api_submissions_test who_handed_it_in 's/if (h.person != q->person->id .*/if (false) {/'
plant api_evidence.c api_evidence_test a_report_is_shown 's/    r->csp = RESPONSE_CSP_REPORT;/    r->csp = NULL;/'
plant api_solution.c api_solution_test a_solution_is_shown 's/"confirm"), "1") == 0/"confirm"), "") != 0/'
plant api_drafts.c api_drafts_test a_draft_is_kept 's/if (status == 0)$/if (status < 0)/'
plant chart.c chart_test a_track_stands_to_the_right 's/column = c->places\[need\].column + 1;/column = c->places[need].column;/'
plant chart.c chart_test only_lines_that_say 's/drawn = !c->needs\[.*/drawn = true;/'
plant needs.c chart_test a_track_stands_to_the_right 's/if (&s->tracks\[need\] == st)/if (false)/'
plant outcome.c outcome_test what_a_program_printed 's/xml_cut(out, str_of(text != NULL ? text : ""), BODY_MAX)/buf_add_text(out, text)/'
plant days.c days_test the_picture_ends_today 's/(day + 3) % 7/(day + 4) % 7/'
plant advance.c routes_test the_next_task 's/return behind != NULL ? behind : first;/return behind;/'
plant sections.c routes_test answers_of_interview_questions 's/else if (has_questions(p, part))/else if (false)/'
room=judge
plant drafts.c drafts_test of_two_who_write 's/version == 0 ? store_do(s, "draft_begin"/version != 2 ? store_do(s, "draft_begin"/'
plant handins.c handins_test what_is_noted_once 's/h.over_ms == 0 \&\& over_ms != 0/over_ms != 0/; s/    if (status > 0)$/    if (status >= 0)/'
plant handins.c handins_test a_look_is_no_attempt 's/h->kind != HANDIN_SUBMIT ||/false ||/'
plant handins.c handins_test a_look_is_no_attempt 's/s.seeds = spec->kind == HANDIN_RUN ? 1 : 0;/s.seeds = 0;/'
plant handins.c handins_test what_is_not_judged 's/h->kind != HANDIN_SUBMIT || !judged/h->kind != HANDIN_SUBMIT/'
plant handins.c regrade_test a_second_look 's/if (h->judged_before)/if (false)/'
plant handins.c regrade_test a_second_look 's/h->put_ms \/ 1000/0/'
room=store
plant store.c store_test after_an_upgrade_meanwhile 's/s->ops->drop(s);/(void)s;/'
echo "ok planted/web.sh: found all of them, as it must be"

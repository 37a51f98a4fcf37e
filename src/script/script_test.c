/* Scenarios in a world without processes: a node is a function here that answers at once. */
#include "script.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "../check/history.h"
#include "../sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stage {
    struct world *world;
    struct history *history;
    struct script *script;
    struct buf told; /* notes and blames, one a line */
    int status;      /* of script_open, then of the story */
    struct err err;
    int start_status;  /* what node_start gives */
    const char *reply; /* type of the answer to all but init; NULL: none comes */
    unsigned asked;
    const char *decisions; /* NULL: none */
    struct buf decided;    /* what the script told, one a line */
    uint32_t node_count;   /* 0: 2 */
    struct buf cuts; /* if there are 3: at each answer who says it, and who cannot hear whom */
};

/* ---- the host and the nodes ---- */

static int node_start(void *owner, uint32_t node, struct err *err)
{
    struct stage *s = owner;

    (void)node;
    return s->start_status == 0 ? 0 : err_set(err, s->start_status, "no such program");
}

static void node_kill(void *owner, uint32_t node)
{
    struct stage *s = owner;

    buf_addf(&s->told, "kill n%u\n", node);
}

static void node_pause(void *owner, uint32_t node, bool pause)
{
    struct stage *s = owner;

    buf_addf(&s->told, "%s n%u\n", pause ? "pause" : "resume", node);
}

static void node_clock(void *owner, uint32_t node, int64_t offset_ns, int32_t drift_ppm)
{
    (void)owner;
    (void)node;
    (void)offset_ns;
    (void)drift_ppm;
}

static void blame(void *owner, uint32_t node, const char *sentence)
{
    struct stage *s = owner;

    buf_addf(&s->told, "blame n%u: %s\n", node, sentence);
    script_stop(s->script);
}

static void note(void *owner, const char *sentence)
{
    struct stage *s = owner;

    buf_addf(&s->told, "note: %s\n", sentence);
}

static void fault(void *owner, const char *kind, const char *what, const char *text)
{
    struct stage *s = owner;

    (void)text;
    buf_addf(&s->told, "fault %s %s\n", kind, what);
}

static void record(void *owner, const struct op *op)
{
    struct stage *s = owner;
    struct err err;

    CHECK_INT(history_add(s->history, op, &err), 0);
}

static void decided(void *owner, const char *what, uint32_t place, struct str json)
{
    struct stage *s = owner;

    buf_addf(&s->decided, "%s %u %.*s\n", what, place, STR_ARG(json));
}

static void ignore(void *owner, const struct message *m)
{
    (void)owner;
    (void)m;
}

static void tell_cuts(struct stage *s, const struct message *m)
{
    uint32_t from, to;

    if (s->node_count < 3 || m->src >= s->node_count || strstr(m->body, "get_ok") == NULL)
        return;
    buf_addf(&s->cuts, "n%u:", m->src);
    for (from = 0; from < s->node_count; from++)
        for (to = 0; to < s->node_count; to++)
            if (from != to && world_is_cut(s->world, from, to))
                buf_addf(&s->cuts, " %u/%u", from, to);
    buf_add_char(&s->cuts, '\n');
}

static void sent(void *owner, const struct message *m)
{
    struct stage *s = owner;

    tell_cuts(s, m);
    script_saw_sent(s->script, m);
}

static void ignore_drop(void *owner, const struct message *m, enum drop_reason reason)
{
    (void)owner;
    (void)m;
    (void)reason;
}

static void to_client(void *owner, struct message *m)
{
    struct stage *s = owner;

    script_saw_received(s->script, m);
    script_deliver(s->script, m);
}

static void to_node(void *owner, struct message *m)
{
    struct stage *s = owner;
    struct buf line = {0};
    struct buf body = {0};
    struct json_envelope e;
    struct err err;
    bool init;

    buf_addf(&line, "{\"body\":%.*s}", (int)m->body_len, m->body);
    CHECK_INT(json_envelope(buf_str(&line), &e, &err), 0);
    init = str_is(e.type, "init");
    s->asked += !init;
    if (init || s->reply != NULL) {
        buf_addf(&body, "{\"type\":\"%s\",\"in_reply_to\":%.*s%s}", init ? "init_ok" : s->reply,
                 STR_ARG(e.msg_id), init ? "" : ",\"value\":7");
        world_send(s->world, m->dest, m->src, buf_str(&body));
    }
    buf_release(&body);
    buf_release(&line);
}

/* ---- the stage ---- */

static void open_stage(struct stage *s, const char *source)
{
    static const char *const names[] = {"n0", "n1", "n2"};
    struct world_config world = {
        .seed = 1,
        .node_count = s->node_count > 0 ? s->node_count : 2,
        .node_names = names,
        .sink = {s, sent, ignore_drop, to_node, to_client, ignore, NULL},
    };
    json_t *options = json_pack(
        "{s:i, s:I, s:I, s:i, s:s, s:i, s:i, s:I, s:b, s:[], s:[], s:n, s:f}", "concurrency", 2,
        "time_limit_ns", (json_int_t)1000000000, "recovery_ns", (json_int_t)0, "latency_ns", 0,
        "topology", "grid", "max_txn_length", 4, "max_writes_per_key", 16, "nemesis_interval_ns",
        (json_int_t)100000000, "maelstrom_verdict", 0, "nemesis", "consistency_models", "key_count",
        "rate", 20.0);
    struct script_config config = {
        .path = "some/story.lua", .source = str_of(source), .options = options};

    s->world = world_new(&world);
    s->history = history_new();
    config.world = s->world;
    config.history = s->history;
    config.host = (struct script_host){.owner = s,
                                       .node_start = node_start,
                                       .node_kill = node_kill,
                                       .node_pause = node_pause,
                                       .node_clock = node_clock,
                                       .blame = blame,
                                       .note = note,
                                       .fault = fault,
                                       .record = record,
                                       .decided = decided};
    json_t *decisions = s->decisions != NULL ? json_loads(s->decisions, 0, NULL) : NULL;

    config.decisions = decisions;
    s->status = script_open(&config, &s->script, &s->err);
    json_decref(options);
    json_decref(decisions);
}

static void close_stage(struct stage *s)
{
    if (s->status == 0 || s->script != NULL)
        script_close(s->script);
    history_free(s->history);
    world_free(s->world);
    buf_release(&s->told);
    buf_release(&s->decided);
    buf_release(&s->cuts);
}

/* Runs the story to its end, or until nothing is left to happen. */
static void play(struct stage *s)
{
    CHECK_INT(s->status, 0);
    script_start(s->script);
    while (!script_done(s->script) && world_next_ns(s->world) != INT64_MAX)
        world_advance(s->world, world_next_ns(s->world), 1);
    s->status = script_status(s->script, &s->err);
}

#define STORY(parts)                                                                               \
    "return workload { name = 'x', summary = 'y', requests = { get = { value = 'integer' } },\n"   \
    "check = { 'echo' },\n" parts "}\n"
#define PLAIN_OP "op = function(w) return { f = 'get', value = null } end,\n"
#define PLAIN_INVOKE                                                                               \
    "invoke = function(w, client) return client:call({ type = 'get' }).value end,\n"

/* The sentence of a scenario whose begin() runs the given Lua; "" if it went well. */
static const char *begin_with(const char *lua)
{
    static char said[2048];
    struct stage s = {.reply = "get_ok"};
    struct buf source = {0};

    buf_addf(&source, STORY(PLAIN_OP PLAIN_INVOKE "begin = function(w)\n%s\nend,\n"), lua);
    open_stage(&s, source.data);
    play(&s);
    snprintf(said, sizeof(said), "%s", s.status == 0 ? "" : s.err.text);
    close_stage(&s);
    buf_release(&source);
    return said;
}

static const char *open_with(const char *source)
{
    static char said[2048];
    struct stage s = {.reply = NULL};

    open_stage(&s, source);
    snprintf(said, sizeof(said), "%s", s.status == 0 ? "" : s.err.text);
    CHECK(s.status == 0 || s.status == ERR_INPUT);
    close_stage(&s);
    return said;
}

/* ---- the story ---- */

TEST(a_workload_runs_to_its_end_and_is_recorded)
{
    struct stage s = {.reply = "get_ok"};
    uint32_t count;

    open_stage(&s, STORY(PLAIN_OP PLAIN_INVOKE));
    CHECK_TEXT(script_name(s.script), "x");
    CHECK_TEXT(script_summary(s.script), "y");
    CHECK_TEXT(script_checks(s.script, &count)[0].name, "echo");
    CHECK_INT(count, 1);
    play(&s);
    CHECK_INT(s.status, 0);
    CHECK(script_done(s.script));
    CHECK(s.asked > 5 && history_len(s.history) == 2 * s.asked);
    CHECK_INT(world_now(s.world) >= 900000000, 1);
    close_stage(&s);
}

TEST(the_same_seed_gives_the_same_history)
{
    struct stage a = {.reply = "get_ok"};
    struct stage b = {.reply = "get_ok"};
    uint32_t i;

    open_stage(&a, STORY(PLAIN_OP PLAIN_INVOKE));
    open_stage(&b, STORY(PLAIN_OP PLAIN_INVOKE));
    play(&a);
    play(&b);
    CHECK_INT(history_len(a.history), history_len(b.history));
    for (i = 0; i < history_len(a.history); i++) {
        CHECK_INT(history_at(a.history, i)->time_ns, history_at(b.history, i)->time_ns);
        CHECK_INT(history_at(a.history, i)->process, history_at(b.history, i)->process);
    }
    close_stage(&a);
    close_stage(&b);
}

/* ---- what is decided beforehand ---- */

/* The history as "TIME PROCESS TYPE F VALUE", one a line. */
static const char *history_told(const struct history *h)
{
    static struct buf text;
    uint32_t i;

    buf_reset(&text);
    buf_reserve(&text, 1);
    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        buf_addf(&text, "%lld %d %s %.*s %.*s%s\n", (long long)op->time_ns / 1000000, op->process,
                 op_type_text(op->type), STR_ARG(history_f_name(h, op->f)), STR_ARG(op->value),
                 op->final ? " last" : "");
    }
    return text.data;
}

TEST(operations_and_faults_that_are_decided_take_the_place_of_chance)
{
    struct stage s = {
        .reply = "get_ok",
        .decisions =
            "{\"workers\":[\"n1\",\"n0\"],\"operations\":["
            "{\"at\":5000000,\"worker\":1,\"f\":\"get\",\"value\":1},"
            "{\"at\":7000000,\"worker\":0,\"f\":\"get\",\"value\":[2]}],"
            "\"final\":[1],\"faults\":["
            "{\"kind\":\"pause\",\"start\":6000000,\"stop\":8000000,\"plan\":{\"nodes\":"
            "[\"n1\",\"n9\"]}},"
            "{\"kind\":\"kill\",\"start\":7500000,\"stop\":null,\"plan\":{\"nodes\":[\"n0\"]}}],"
            "\"end\":20000000,\"messages\":[]}"};

    open_stage(&s, STORY("op = function(w) error('drawn') end,\n" PLAIN_INVOKE
                         "final = function() return once { f = 'get', value = null } end,\n"));
    play(&s);
    CHECK_INT(s.status, 0);
    CHECK_TEXT(history_told(s.history), "5 1 invoke get 1\n"
                                        "5 1 ok get 7\n"
                                        "6 -1 info start-pause \"n1\"\n"
                                        "7 0 invoke get [2]\n"
                                        "7 0 ok get 7\n"
                                        "7 -1 info start-kill \"n0\"\n"
                                        "8 -1 info stop-pause \"n1\"\n"
                                        "20 1 invoke get null last\n"
                                        "20 1 ok get 7 last\n");
    CHECK_TEXT(s.told.data, "pause n1\nfault pause start\nkill n0\nfault kill start\n"
                            "fault pause stop\nresume n1\n");
    CHECK(strstr(s.decided.data, "faults 1 {\"kind\":\"kill\",\"plan\":{\"nodes\":[\"n0\"]},"
                                 "\"start\":7500000,\"stop\":null}\n") != NULL);
    CHECK(strstr(s.decided.data, "end 0 {\"at\":20000000}\n") != NULL);
    close_stage(&s);
}

/* Goal: a fault with a cue begins with the message that it waits for, and lasts as long as it did.
 * Method: n1 answers at 7 ms, as the second; whoever sends the second answer dies 1 ms later. */
TEST(a_fault_begins_with_its_cue)
{
    struct stage s = {
        .reply = "get_ok",
        .decisions =
            "{\"workers\":[\"n1\",\"n0\"],\"operations\":["
            "{\"at\":5000000,\"worker\":1,\"f\":\"get\",\"value\":1},"
            "{\"at\":7000000,\"worker\":0,\"f\":\"get\",\"value\":2}],"
            "\"final\":[],\"faults\":["
            "{\"kind\":\"kill-cue\",\"armed\":3000000,\"start\":30000000,\"stop\":34000000,"
            "\"plan\":"
            "{\"how\":\"once\",\"nodes\":[\"n0\"],\"cue\":{\"type\":\"get_ok\",\"at\":\"sender\","
            "\"nth\":2,\"wait_ns\":1000000}}},"
            "{\"kind\":\"pause-cue\",\"armed\":3000000,\"start\":9000000,\"stop\":34000000,"
            "\"plan\":"
            "{\"nodes\":[\"n0\"],\"cue\":{\"type\":\"never\",\"at\":\"receiver\","
            "\"nth\":1,\"wait_ns\":0}}}],"
            "\"end\":20000000,\"messages\":[]}"};

    open_stage(&s, STORY(PLAIN_OP PLAIN_INVOKE));
    play(&s);
    CHECK_INT(s.status, 0);
    CHECK_TEXT(history_told(s.history), "5 1 invoke get 1\n"
                                        "5 1 ok get 7\n"
                                        "7 0 invoke get 2\n"
                                        "7 0 ok get 7\n"
                                        "8 -1 info start-kill \"n1\"\n"
                                        "12 -1 info stop-kill \"n1\"\n");
    CHECK_TEXT(s.told.data, "kill n1\nfault kill start\nfault kill stop\n");
    close_stage(&s);
}

#define GET(at, worker) "{\"at\":" #at "000000,\"worker\":" #worker ",\"f\":\"get\",\"value\":1}"
/* Goal: whoever says something new is alone until the next one does. Method: nodes speak to clients
 * only, and each answer is new once since the last move; n0 says it twice. The plan has two moves:
 * the first answer of anybody, and the second one of another than that. */
TEST(who_says_something_new_is_cut_off)
{
    struct stage s = {
        .reply = "get_ok",
        .node_count = 3,
        .decisions =
            "{\"workers\":[\"n0\",\"n1\",\"n2\"],\"operations\":[" GET(4, 0) "," GET(5, 0) "," GET(
                6,
                2) "," GET(7,
                           2) "," GET(8,
                                      1) "," GET(9,
                                                 1) "],"
                                                    "\"final\":[],\"faults\":[{\"kind\":"
                                                    "\"partition-news\",\"start\":3000000,"
                                                    "\"stop\":30000000,\"plan\":{\"shape\":"
                                                    "\"leader\",\"hunt\":\"news\",\"moves\":["
                                                    "{\"answers\":true,\"nth\":1,\"at\":\"sender\","
                                                    "\"wait_ns\":0,"
                                                    "\"patience_ns\":9000000,\"node\":\"n0\"},"
                                                    "{\"answers\":true,\"nth\":2,\"at\":\"sender\","
                                                    "\"wait_ns\":0,"
                                                    "\"patience_ns\":9000000,\"node\":\"n1\"}]}}],"
                                                    "\"end\":20000000,\"messages\":[]}",
    };

    open_stage(&s, STORY(PLAIN_OP PLAIN_INVOKE));
    play(&s);
    CHECK_INT(s.status, 0);
    CHECK_TEXT(s.cuts.data, "n0:\n"
                            "n0: 0/1 0/2 1/0 2/0\n"
                            "n2: 0/1 0/2 1/0 2/0\n"
                            "n2: 0/1 0/2 1/0 2/0\n"
                            "n1: 0/1 0/2 1/0 2/0\n"
                            "n1: 0/1 1/0 1/2 2/1\n");
    CHECK_TEXT(s.told.data, "fault partition-news start\nfault partition-news stop\n");
    close_stage(&s);
}

/* A witness that has spoken dies, and is back after 2 ms; who does not speak in time dies too, for
 * longer. Rivals may say what they like. */
TEST(witnesses_forget)
{
    struct stage s = {
        .reply = "get_ok",
        .node_count = 3,
        .decisions =
            "{\"workers\":[\"n0\",\"n1\",\"n2\"],\"operations\":[" GET(4, 0) "," GET(5, 2) "," GET(
                12, 1) "],"
                       "\"final\":[],\"faults\":[{\"kind\":\"rivals\",\"start\":3000000,"
                       "\"stop\":30000000,\"plan\":{\"nodes\":[\"n0\",\"n1\"],"
                       "\"on\":{\"type\":\"get_ok\",\"at\":\"sender\"},\"moves\":["
                       "{\"patience_ns\":4000000,\"down_ns\":2000000,\"all_down_ns\":3000000},"
                       "{\"patience_ns\":4000000,\"down_ns\":2000000,\"all_down_ns\":3000000}]}}],"
                       "\"end\":20000000,\"messages\":[]}",
    };

    open_stage(&s, STORY(PLAIN_OP PLAIN_INVOKE));
    play(&s);
    CHECK_INT(s.status, 0);
    CHECK_TEXT(s.cuts.data, "n0: 0/1 1/0\nn2: 0/1 1/0\nn1: 0/1 1/0\n");
    CHECK_TEXT(s.told.data, "fault rivals start\nkill n2\nkill n2\nfault rivals stop\n");
    close_stage(&s);
}

/* The list as JSON, "none", or why it is broken. */
static const char *faults_of(const char *source)
{
    static char said[512];
    json_t *list = NULL;
    struct err err;
    char *text;

    if (script_faults("some/story.lua", str_of(source), &list, &err) < 0)
        return strcpy(said, err.text);
    text = list != NULL ? json_dumps(list, JSON_COMPACT) : NULL;
    snprintf(said, sizeof(said), "%s", text != NULL ? text : "none");
    free(text);
    json_decref(list);
    return said;
}

TEST(a_workload_says_which_faults_it_allows)
{
    CHECK_TEXT(faults_of(STORY(PLAIN_OP PLAIN_INVOKE)), "none");
    CHECK_TEXT(faults_of(STORY(PLAIN_OP PLAIN_INVOKE "faults = { 'kill', 'partition-one' },\n")),
               "[\"kill\",\"partition-one\"]");
    CHECK_HAS(faults_of(STORY(PLAIN_OP PLAIN_INVOKE "faults = { 'kil' },\n")),
              "there is no fault \"kil\"");
    CHECK_HAS(faults_of(STORY(PLAIN_OP PLAIN_INVOKE "faults = { 7 },\n")), "there is no fault 7");
    CHECK_HAS(faults_of(STORY(PLAIN_OP PLAIN_INVOKE "faults = 'kill',\n")), "is a list of names");
    CHECK_HAS(open_with(STORY(PLAIN_OP PLAIN_INVOKE "faults = { 'kil' },\n")),
              "there is no fault \"kil\"");
    CHECK_HAS(faults_of("return 7"), "must end with");
}

TEST(a_node_that_never_answers_costs_time_and_nothing_else)
{
    struct stage s = {.reply = NULL};

    open_stage(&s, STORY(PLAIN_OP PLAIN_INVOKE));
    play(&s);
    CHECK_INT(s.status, 0);
    CHECK_INT(s.asked, 2);
    CHECK_INT(history_at(s.history, history_len(s.history) - 1)->type, OP_INFO);
    CHECK(world_now(s.world) >= 5000000000);
    close_stage(&s);
}

TEST(a_wrong_answer_is_blamed_on_its_node)
{
    struct stage s = {.reply = "got_it"};

    open_stage(&s, STORY(PLAIN_OP PLAIN_INVOKE));
    play(&s);
    CHECK_HAS(s.told.data, "has type \"got_it\"; the protocol wants \"get_ok\"");
    CHECK_HAS(s.told.data, "blame n");
    close_stage(&s);
}

/* That a program cannot be started is no deed of the program. */
TEST(a_start_that_fails_ends_the_story_and_blames_nobody)
{
    static const int kinds[] = {ERR_INPUT, ERR_MACHINE};
    size_t i;

    for (i = 0; i < 2; i++) {
        struct stage s = {.start_status = kinds[i]};
        open_stage(&s, STORY(PLAIN_OP PLAIN_INVOKE));
        play(&s);
        CHECK_INT(s.status, kinds[i]);
        CHECK_HAS(s.err.text, "no such program");
        CHECK(s.told.data == NULL || strstr(s.told.data, "blame") == NULL);
        close_stage(&s);
    }
}

/* ---- broken scenarios ---- */

TEST(a_scenario_that_does_not_compile_is_named_with_its_line)
{
    CHECK_HAS(open_with("return workload {\n\n"), "some/story.lua:3:");
    CHECK_HAS(open_with("local x = = 1"), "some/story.lua:1:");
    CHECK_HAS(open_with("\x1bLua"), "attempt to load");
}

TEST(a_scenario_that_is_no_workload_is_told_what_lacks)
{
    CHECK_HAS(open_with(""), "must end with `return workload {...}`");
    CHECK_HAS(open_with("return 3"), "must end with `return workload {...}`");
    CHECK_HAS(open_with("return workload {}"), "the workload lacks `invoke`, a function");
    CHECK_HAS(open_with("return workload { name = 'x', summary = 'y', requests = {}, op = next, "
                        "invoke = next }"),
              "the workload lacks `check`");
    CHECK_HAS(
        open_with("return workload { name = 'x', summary = 'y', requests = { a = { b = 'c' } }, "
                  "op = next, invoke = next, check = { 'echo' } }"),
        "the field b of a has no known kind: c");
}

TEST(an_error_in_the_story_points_at_file_and_line)
{
    CHECK_HAS(begin_with("\nlocal x = nil\nreturn x.y"),
              "the scenario is broken: some/story.lua:8:");
    CHECK_HAS(begin_with("error('on purpose')"), "on purpose");
    CHECK_HAS(begin_with("w:sleep('soon')"), "a time is a number of seconds or a text such as");
    CHECK_HAS(begin_with("w:client(0):rpc(7, {})"), "no such node");
    CHECK_HAS(begin_with("w:client(0):rpc(0, { type = next })"), "function");
}

/* ---- the closed state ---- */

TEST(nothing_leads_out)
{
    static const char *const names[] = {"io",   "os",       "package",        "debug",
                                        "load", "loadfile", "dofile",         "print",
                                        "warn", "sys",      "collectgarbage", "coroutine"};
    char lua[256];
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(lua, sizeof(lua), "if %s ~= nil then error('%s is there') end", names[i],
                 names[i]);
        CHECK_TEXT(begin_with(lua), "");
    }
    CHECK_HAS(begin_with("require 'io'"), "only \"common\"");
    CHECK_HAS(begin_with("require 'common'"), "there is no some/common.lua");
    CHECK_TEXT(begin_with("if string.dump or math.randomseed then error('there') end"), "");
}

TEST(addresses_do_not_show)
{
    CHECK_HAS(begin_with("string.format('%p', {})"), "%p would show an address");
    CHECK_HAS(begin_with("string.format('%-20p', {})"), "%p would show an address");
    CHECK_TEXT(begin_with("if string.format('%%p') ~= '%p' then error('x') end"), "");
    CHECK_TEXT(begin_with("if tostring({}) ~= '(table)' or tostring(begin) ~= 'nil' or\n"
                          "tostring(pairs) ~= '(function)' then error(tostring({})) end"),
               "");
}

TEST(tables_are_walked_in_the_order_of_their_keys)
{
    CHECK_TEXT(
        begin_with("local t, said = {}, ''\n"
                   "for _, k in ipairs { 'c', 10, 'a', 2, true, 'b', 1.5, false } do t[k] = 1 end\n"
                   "for k in pairs(t) do said = said .. tostring(k) .. ' ' end\n"
                   "if said ~= 'true false 1.5 2 10 a b c ' then error(said) end\n"
                   "if next(t) ~= true then error('next') end"),
        "");
    CHECK_HAS(begin_with("for k in pairs({ [{}] = 1 }) do end"), "not a table");
}

TEST(chance_is_the_worlds_own)
{
    CHECK_TEXT(begin_with("for _ = 1, 100 do local n = math.random(3)\n"
                          "if n < 1 or n > 3 then error(n) end end"),
               "");
    CHECK_HAS(begin_with("w:random(2, 1)"), "random: the range is empty");
}

/* ---- caps ---- */

TEST(a_scenario_that_computes_for_ever_ends_with_a_sentence)
{
    CHECK_HAS(begin_with("while true do end"),
              "the scenario computed for 500 million instructions without waiting");
}

TEST(a_scenario_that_takes_all_memory_ends_with_a_sentence)
{
    CHECK_HAS(begin_with("local t = string.rep('x', 1 << 29)\nreturn t .. t .. t"),
              "not enough memory");
}

TEST(strands_have_a_cap)
{
    CHECK_HAS(begin_with("while true do w:spawn(function() end) end"),
              "more than 100000 strands at once");
}

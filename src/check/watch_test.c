/* Stories say where a watch stops; random histories say that it never stops without cause: once a
 * beginning is called broken, no longer one, nor the whole, is valid. */
#include "watch.h"

#include "../base/mem.h"
#include "../base/prng.h"
#include "checker.h"
#include "history_story.h"

static json_t *options_of(const char *text)
{
    return text[0] == '\0' ? NULL : json_loads(text, 0, NULL);
}

/* The event at which a watch that looks after each event of the story stops it; -1: it does not. */
static int64_t stops_at(const char *checker, const char *options_text, const char *text)
{
    struct history *whole = story(text);
    json_t *options = options_of(options_text);
    struct watch w;
    int64_t event = -1;

    watch_init(&w, checker_find(checker), options);
    for (uint32_t len = 1; len <= history_len(whole) && event < 0; len++) {
        struct history *h = history_beginning(whole, len);
        struct watch_found found;
        if (watch_broken(&w, h, &found)) {
            event = found.event;
            CHECK_INT(found.verdict.valid, VALID_FALSE);
            CHECK(found.verdict.sentence != NULL);
            verdict_release(&found.verdict);
        }
        history_free(h);
    }
    history_free(whole);
    json_decref(options);
    return event;
}

/* Forty sound events, so that the watch has begun to look, then the given ones, then forty more. */
static int64_t stops_within(const char *checker, const char *options, const char *sound,
                            const char *text)
{
    struct buf all = {0};
    int64_t event;

    for (int i = 0; i < 20; i++)
        buf_addf(&all, sound, 1000 + i, 1000 + i);
    buf_add_text(&all, text);
    for (int i = 0; i < 20; i++)
        buf_addf(&all, sound, 2000 + i, 2000 + i);
    event = stops_at(checker, options, all.data);
    buf_release(&all);
    return event;
}

#define ECHO "8 invoke echo %d\n8 ok echo %d\n"
#define ID "8 invoke generate\n8 ok generate [%d,%d]\n"
#define WRITE "8 invoke write %d\n8 ok write %d\n"
#define APPEND                                                                                     \
    "8 invoke txn [[\"append\",9,%d]]\n"                                                           \
    "8 ok txn [[\"append\",9,%d]]\n"
#define PUT                                                                                        \
    "8 invoke txn [[\"w\",9,%d]]\n"                                                                \
    "8 ok txn [[\"w\",9,%d]]\n"
#define SEND                                                                                       \
    "8 invoke send [[\"send\",\"z\",%d]]\n"                                                        \
    "8 ok send [[\"send\",\"z\",[%d,0]]]\n"
#define LOOK "8 invoke read\n8 ok read []\n"
#define LOOK_AT_SUM "8 invoke read\n8 ok read 0\n"
#define REGISTER "{\"model\":\"register\"}"

TEST(it_stops_at_the_event_that_makes_the_violation_certain)
{
    CHECK_INT(stops_within("echo", "", ECHO, "0 invoke echo 5\n0 ok echo 6\n"), 41);
    CHECK_INT(stops_within("unique-ids", "", ID,
                           "0 invoke generate\n0 ok generate 7\n"
                           "0 invoke generate\n0 ok generate 8\n"
                           "0 invoke generate\n0 ok generate 7\n"),
              45);
    CHECK_INT(stops_within("linearizable", REGISTER, WRITE,
                           "0 invoke write 1\n0 ok write 1\n0 invoke write 2\n0 ok write 2\n"
                           "0 invoke read\n0 ok read 1\n0 invoke read\n0 ok read 2\n"),
              45);
    CHECK_INT(stops_within("list-append", "", APPEND,
                           "0 invoke txn [[\"append\",1,1]]\n0 ok txn [[\"append\",1,1]]\n"
                           "0 invoke txn [[\"r\",1,null]]\n0 ok txn [[\"r\",1,[]]]\n"
                           "0 invoke txn [[\"r\",1,null]]\n0 ok txn [[\"r\",1,[1]]]\n"),
              43);
    CHECK_INT(stops_within("rw-register", "", PUT,
                           "0 invoke txn [[\"w\",1,1]]\n0 fail txn [[\"w\",1,1]]\n"
                           "0 invoke txn [[\"r\",1,null]]\n0 ok txn [[\"r\",1,1]]\n"),
              43);
    CHECK_INT(stops_within("kafka", "", "8 invoke assign [%d]\n8 ok assign [%d]\n",
                           "0 invoke send [[\"send\",\"a\",7]]\n0 ok send "
                           "[[\"send\",\"a\",[0,7]]]\n"
                           "0 invoke send [[\"send\",\"a\",8]]\n0 ok send "
                           "[[\"send\",\"a\",[0,8]]]\n"),
              43);
}

/* The sound events are reads of nothing, which fit a set and a counter that nobody has added to. */
TEST(it_stops_at_reads_that_nothing_can_excuse)
{
    CHECK_INT(stops_within("set-full", "", LOOK, "0 invoke read\n0 ok read [5]\n0 invoke add 5\n"),
              41);
    CHECK_INT(stops_within("set-full", "", LOOK,
                           "0 invoke add 5\n0 ok add 5\n0 invoke read\n0 ok read [5,5]\n"),
              43);
    CHECK_INT(stops_within("counter", "{\"strict\":true}", LOOK_AT_SUM,
                           "1 invoke add 1\n0 invoke read\n0 ok read 2\n0 invoke add 1\n"),
              42);
}

TEST(it_waits_for_reads_that_may_come)
{
    CHECK_INT(stops_within("set-full", "", LOOK,
                           "0 invoke add 5\n0 ok add 5\n0 invoke read\n0 ok read []\n"),
              -1);
    CHECK_INT(stops_within("counter", "{\"strict\":true}", LOOK_AT_SUM,
                           "1 invoke add 1\n0 invoke read\n0 ok read 1\n1 info add 1\n"),
              -1);
    CHECK_INT(stops_within("counter", "", LOOK_AT_SUM,
                           "0 invoke add 1\n0 ok add 1\n0 invoke read\n0 ok read 7\n"),
              -1);
}

TEST(it_lets_sound_histories_go_on)
{
    CHECK_INT(stops_within("echo", "", ECHO, "0 invoke echo 5\n0 info echo\n"), -1);
    CHECK_INT(stops_within("unique-ids", "", ID, "0 invoke generate\n0 ok generate 7\n"), -1);
    CHECK_INT(stops_within("linearizable", REGISTER, WRITE,
                           "0 invoke write 1\n1 invoke read\n1 ok read 1\n0 ok write 1\n"),
              -1);
    CHECK_INT(stops_within("list-append", "", APPEND,
                           "0 invoke txn [[\"append\",1,1]]\n1 invoke txn [[\"r\",1,null]]\n"
                           "1 ok txn [[\"r\",1,[1]]]\n0 ok txn [[\"append\",1,1]]\n"),
              -1);
    /* a message that polls have passed by, and one not polled so far, may be polled yet */
    CHECK_INT(stops_within("kafka", "", "8 invoke assign [%d]\n8 ok assign [%d]\n",
                           "0 invoke send [[\"send\",\"a\",7]]\n0 ok send "
                           "[[\"send\",\"a\",[0,7]]]\n"
                           "0 invoke send [[\"send\",\"a\",8]]\n0 ok send "
                           "[[\"send\",\"a\",[1,8]]]\n"
                           "1 invoke poll [[\"poll\"]]\n1 ok poll [[\"poll\",{\"a\":[[1,8]]}]]\n"),
              -1);
}

TEST(it_waits_where_what_follows_may_excuse)
{
    /* Under sequential consistency a read may show what is written later. */
    CHECK_INT(stops_within("sequential", REGISTER, WRITE,
                           "0 invoke read\n0 ok read 5\n1 invoke write 5\n"),
              -1);
    /* The append may yet fail, and then these two form no cycle of committed writes. */
    CHECK_INT(stops_within("list-append", "{\"consistency_models\":[\"read-uncommitted\"]}", APPEND,
                           "0 invoke txn [[\"append\",1,1],[\"append\",2,1]]\n"
                           "1 invoke txn [[\"append\",1,2],[\"append\",2,2]]\n"
                           "1 ok txn [[\"append\",1,2],[\"append\",2,2]]\n"
                           "2 invoke txn [[\"r\",1,null],[\"r\",2,null]]\n"
                           "2 ok txn [[\"r\",1,[1,2]],[\"r\",2,[2,1]]]\n"),
              -1);
    /* Serializability knows no real time: the value may yet be written. */
    CHECK_INT(stops_within("rw-register", "{\"consistency_models\":[\"serializable\"]}", PUT,
                           "0 invoke txn [[\"r\",1,null]]\n0 ok txn [[\"r\",1,77]]\n"),
              -1);
}

/* ---- random histories ---- */

enum { PROCESSES = 3, EVENTS = 44 };

struct teller {
    struct prng *prng;
    struct buf text;
    char *open[PROCESSES]; /* what follows "ok "; NULL: none is open */
    bool retired[PROCESSES];
    int next;  /* value to write */
    int fresh; /* of the last ones, values that reads may show */
};

static int pick(struct teller *t, int count)
{
    return (int)prng_below(t->prng, (uint64_t)count);
}

static int seen(struct teller *t)
{
    return t->next - pick(t, t->fresh);
}

static void one_mop(struct teller *t, bool lists, struct buf *asked, struct buf *got)
{
    int key = pick(t, 2);

    if (pick(t, 2) == 0) {
        const char *f = lists ? "append" : "w";
        buf_addf(asked, "[\"%s\",%d,%d]", f, key, ++t->next);
        buf_addf(got, "[\"%s\",%d,%d]", f, key, t->next);
        return;
    }
    buf_addf(asked, "[\"r\",%d,null]", key);
    if (!lists) {
        buf_addf(got, pick(t, 4) == 0 ? "[\"r\",%d,null]" : "[\"r\",%d,%d]", key, seen(t));
        return;
    }
    buf_addf(got, "[\"r\",%d,[", key);
    for (int i = 1, some = 0; i <= t->next; i++)
        if (i % 2 == key && pick(t, 8) > 0)
            buf_addf(got, "%s%d", some++ > 0 ? "," : "", i);
    buf_add_text(got, "]]");
}

static void txn(struct teller *t, bool lists, struct buf *asked, struct buf *got)
{
    int count = 1 + pick(t, 2);

    buf_add_text(asked, "txn [");
    buf_add_text(got, "txn [");
    for (int i = 0; i < count; i++) {
        buf_add_text(asked, i > 0 ? "," : "");
        buf_add_text(got, i > 0 ? "," : "");
        one_mop(t, lists, asked, got);
    }
    buf_add_text(asked, "]");
    buf_add_text(got, "]");
}

static void append_txn(struct teller *t, struct buf *asked, struct buf *got)
{
    txn(t, true, asked, got);
}

static void register_txn(struct teller *t, struct buf *asked, struct buf *got)
{
    txn(t, false, asked, got);
}

static void register_op(struct teller *t, struct buf *asked, struct buf *got)
{
    if (pick(t, 2) == 0) {
        buf_addf(asked, "write %d", ++t->next);
        buf_addf(got, "write %d", t->next);
        return;
    }
    buf_add_text(asked, "read");
    buf_addf(got, "read %d", seen(t));
}

static void kafka_op(struct teller *t, struct buf *asked, struct buf *got)
{
    if (pick(t, 2) == 0) {
        buf_addf(asked, "send [[\"send\",\"a\",%d]]", ++t->next);
        buf_addf(got, "send [[\"send\",\"a\",[%d,%d]]]", t->next, t->next);
        return;
    }
    int from = seen(t);
    buf_add_text(asked, "poll [[\"poll\"]]");
    buf_addf(got, "poll [[\"poll\",{\"a\":[[%d,%d],[%d,%d]]}]]", from, from, from + 1, from + 1);
}

static void unique_op(struct teller *t, struct buf *asked, struct buf *got)
{
    buf_add_text(asked, "generate");
    buf_addf(got, "generate %d", pick(t, 100));
}

struct subject {
    const char *checker, *options;
    void (*tell)(struct teller *t, struct buf *asked, struct buf *got);
};

static const struct subject subjects[] = {
    {"linearizable", REGISTER, register_op},
    {"kafka", "", kafka_op},
    {"unique-ids", "", unique_op},
    {"list-append", "", append_txn},
    {"list-append", "{\"consistency_models\":[\"serializable\"]}", append_txn},
    {"list-append", "{\"consistency_models\":[\"snapshot-isolation\"]}", append_txn},
    {"list-append", "{\"consistency_models\":[\"read-uncommitted\"]}", append_txn},
    {"rw-register", "", register_txn},
    {"rw-register", "{\"consistency_models\":[\"strong-session-serializable\"]}", register_txn},
    {"rw-register", "{\"consistency_models\":[\"read-committed\"]}", register_txn},
};

static void one_event(struct teller *t, const struct subject *s, int process)
{
    if (t->open[process] == NULL) {
        struct buf asked = {0}, got = {0};
        s->tell(t, &asked, &got);
        buf_addf(&t->text, "%d invoke %s\n", process, asked.data);
        t->open[process] = buf_take(&got);
        buf_release(&asked);
        return;
    }
    int die = pick(t, 12);
    t->retired[process] = die == 1;
    buf_addf(&t->text, "%d %s %s\n", process,
             die == 0   ? "fail"
             : die == 1 ? "info"
                        : "ok",
             t->open[process]);
    mem_free(t->open[process]);
    t->open[process] = NULL;
}

static struct history *random_history(const struct subject *s, struct prng *prng)
{
    struct teller t = {.prng = prng, .fresh = 1 + (int)prng_below(prng, 3)};
    struct history *h;

    for (int i = 0; i < EVENTS; i++) {
        int process = pick(&t, PROCESSES);
        if (!t.retired[process])
            one_event(&t, s, process);
    }
    h = story(t.text.data);
    for (int i = 0; i < PROCESSES; i++)
        mem_free(t.open[i]);
    buf_release(&t.text);
    return h;
}

static enum valid judge(const struct subject *s, bool goes_on, const struct history *h)
{
    const struct checker *c = checker_find(s->checker);
    json_t *options = options_of(s->options);
    struct verdict v;
    struct err err;
    enum valid valid;

    CHECK_INT((goes_on ? c->broken : c->run)(h, options, &v, &err), 0);
    valid = v.valid;
    verdict_release(&v);
    json_decref(options);
    return valid;
}

/* Goal: what broken() says of a beginning holds for all that follow from it, and by the end it
 * says no more than run(). Method: every beginning of random histories, half of them sound. */
TEST(a_broken_beginning_stays_broken)
{
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        struct prng prng;
        uint32_t broken_count = 0, whole_count = 0;

        prng_init(&prng, 77 + i, "watch");
        for (int round = 0; round < 16; round++) {
            struct history *whole = random_history(&subjects[i], &prng);
            bool broken = false;
            for (uint32_t len = 1; len <= history_len(whole); len++) {
                struct history *h = history_beginning(whole, len);
                bool now = judge(&subjects[i], true, h) == VALID_FALSE;
                if (broken && judge(&subjects[i], false, h) == VALID_TRUE)
                    fail_msg("%s %s, round %d: broken before event %u, and valid with it",
                             subjects[i].checker, subjects[i].options, round, len - 1);
                if (now && !broken && judge(&subjects[i], false, h) != VALID_FALSE)
                    fail_msg("%s, round %d: broken, but not invalid", subjects[i].checker, round);
                broken |= now;
                history_free(h);
            }
            broken_count += broken;
            whole_count += judge(&subjects[i], false, whole) == VALID_FALSE;
            history_free(whole);
        }
        CHECK(whole_count > 4);
        CHECK(broken_count > 2 || strstr(subjects[i].options, "read-uncommitted") != NULL);
    }
}

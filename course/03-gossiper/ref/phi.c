/* phi.c - the phi accrual failure detector.
 *
 * For each member: the last 100 intervals between its heartbeats, taken for a sample of a normal
 * distribution. With t since the last heartbeat,
 *
 *     phi = -log10 P(an interval is longer than t) = -log10 (erfc((t - mean) / (sigma sqrt 2)) / 2)
 *
 * so that a phi of 3 means: if we now say that it is dead, we are wrong once in a thousand times.
 * Who uses it chooses the limit; `members` takes 8.
 *
 * erfc() falls to 0 at about 26 sigma and the logarithm of that is no number: beyond CAP nobody
 * cares. Times are those of the monotonic clock; when somebody sets the wall clock, nobody dies.
 * Sums over a window are formed anew each time: 100 additions, and no error that accumulates. */
#include "phi.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WINDOW = 100 };

static const double SIGMA_MIN_MS = 20, CAP = 40, DEAD = 8;

struct pulse {
    double last_ms; /* 0: never heard of */
    double intervals_ms[WINDOW];
    int count; /* of all intervals so far; the last WINDOW of them are kept */
};

static struct pulse *pulses; /* one a member */

static double clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct pulse *pulse_of(int member)
{
    if (pulses == NULL)
        pulses = calloc((size_t)node_count(), sizeof(*pulses));
    if (pulses == NULL)
        abort();
    return &pulses[member];
}

static void on_heartbeat(const struct message *m)
{
    int member = node_find(m->src);
    double now = clock_ms();
    struct pulse *p;

    if (member < 0)
        return;
    p = pulse_of(member);
    if (p->last_ms > 0)
        p->intervals_ms[p->count++ % WINDOW] = now - p->last_ms;
    p->last_ms = now;
}

static double phi_of(const struct pulse *p)
{
    int kept = p->count < WINDOW ? p->count : WINDOW;
    double mean = 0, square = 0, sigma, p_later;

    if (kept == 0)
        return 0; /* nothing is known about its rhythm */
    for (int i = 0; i < kept; i++)
        mean += p->intervals_ms[i] / kept;
    for (int i = 0; i < kept; i++)
        square += (p->intervals_ms[i] - mean) * (p->intervals_ms[i] - mean) / kept;
    sigma = fmax(sqrt(square), SIGMA_MIN_MS);
    p_later = erfc((clock_ms() - p->last_ms - mean) / (sigma * sqrt(2))) / 2;
    return p_later < 1e-40 ? CAP : fmin(CAP, fabs(log10(p_later)));
}

/* A number with a fraction, which the kit keeps as text. */
static struct json *real(double x)
{
    enum { ROOM = 32 };
    char *text = json_scratch(ROOM); /* what is parsed points into it */
    int len = snprintf(text, ROOM, "%.6f", x);

    return json_parse(text, (size_t)len);
}

static void on_phi(const struct message *m)
{
    const char *name = json_text_of(json_get(m->body, "node"));
    int member = name != NULL ? node_find(name) : -1;

    if (member < 0)
        node_error(m, NODE_NO_KEY, "no such member");
    else
        node_reply(m, "phi_ok", "phi", real(phi_of(pulse_of(member))), NULL);
}

void phi_members(const struct message *m)
{
    struct json *alive = json_array(), *dead = json_array();

    for (int i = 0; i < node_count(); i++)
        json_push(i != node_self() && phi_of(pulse_of(i)) >= DEAD ? dead : alive,
                  json_string(node_name(i)));
    node_reply(m, "members_ok", "alive", alive, "suspect", json_array(), "dead", dead, NULL);
}

void phi_requests(void)
{
    node_on("heartbeat", on_heartbeat);
    node_on("phi", on_phi);
}

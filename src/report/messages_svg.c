/* The space-time diagram of a run (Lamport 1978), turned so that time runs downward and a browser
 * scrolls along it. One lane for each node, a few for the clients on the left, one for each service
 * on the right; an arrow from where a message was sent to where it arrived.
 *
 * The label of a message stands at its tail, along the arrow: there the lane keeps messages a row
 * apart, so labels of one sender cannot collide, which labels in the middle did. A lost message
 * ends in a cross just before the lane it did not reach, with the reason behind it. The names of
 * the lanes come again every screen, since a picture cannot hold a header still. */
#include "../base/file.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "messages_layout.h"
#include "pictures.h"
#include "svg.h"
#include "xml.h"

#include <math.h>
#include <string.h>

enum {
    TITLE_BYTES_MAX = 8 << 20, /* of all hover texts; beyond that they say the type only */
    LANE_NAMES_PX = 760,
    LANE_NAMES_MAX = 20000, /* names in all; with a thousand lanes they come again less often */
    TIME_LABEL_PX = 40,
};

static const char style[] =
    ".lane{stroke:#b4bdc8;stroke-width:1.2;fill:none}.lanename{font-weight:600;font-size:13px}"
    ".again{fill:#8a95a3;font-size:11px}.down{fill:#9aa3ae;fill-opacity:.35}"
    ".downname{font-size:10.5px;fill:#5a6675}.paused{fill:#9aa3ae;fill-opacity:.18}"
    ".m path{fill:none;stroke-width:1.15}.m text{font-size:10.5px;paint-order:stroke;stroke:#fff;"
    "stroke-width:2.5px;stroke-linejoin:round}.m .cross{stroke-width:1.8}"
    ".c path{stroke:#1a6fb5}.c text,.hc{fill:#0f5a97}.s path{stroke:#47525f}.s "
    "text,.hs{fill:#36404c}"
    ".e path{stroke:#c2255c}.e text,.he{fill:#b01850}.lost path{stroke-dasharray:4 3}.lost .cross{"
    "stroke-dasharray:none}.m:hover path{stroke-width:2.6}.m:hover text{font-weight:700}"
    ".log{stroke:#8a95a3;stroke-width:1.6}.step{fill:#23633d;font-size:11.5px}"
    ".stepfail{fill:#b01850;font-size:11.5px;font-weight:600}"
    "@media (prefers-color-scheme:dark){.lane{stroke:#4a5562}.again{fill:#76828f}.downname{"
    "fill:#9aa5b2}.m text{stroke:#14181d}.c path{stroke:#5fb0f0}.c text,.hc{fill:#8cc8f7}"
    ".s path{stroke:#a9b4c0}.s text,.hs{fill:#c5ced8}.e path{stroke:#ff7ba0}.e "
    "text,.he{fill:#ff9db9}"
    ".step{fill:#7fd09f}.stepfail{fill:#ff9db9}}";

struct drawing {
    struct buf out;
    const struct story *s;
    struct layout layout;
    size_t title_bytes;
    double height;
};

static struct str endpoint_name(const struct drawing *d, uint32_t endpoint)
{
    return map_text(d->s->endpoints, endpoint);
}

/* What lies on the white ground and under the arrows: faults across all lanes. */
static void draw_band(struct drawing *d, uint32_t band, double top, double bottom)
{
    const struct story_band *b = &d->s->bands[band];
    double x = d->layout.left - 20, width = d->layout.right - d->layout.left + 40;
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];
    double name_x = d->layout.right + 34;

    buf_addf(&d->out,
             "<g><rect class=\"shade\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
             "<rect class=\"fault\" x=\"%.1f\" y=\"%.1f\" width=\"3\" height=\"%.1f\"/>",
             x, top, width, fmax(bottom - top, 2), x + width, top, fmax(bottom - top, 2));
    buf_addf(&d->out, "<text class=\"faultname\" x=\"%.1f\" y=\"%.1f\">", name_x, top + 10);
    xml_label(&d->out, b->kind, 20);
    if (b->text.len > 0)
        buf_add_text(&d->out, ": ");
    xml_label(&d->out, b->text, 34);
    buf_add_text(&d->out, "</text><title>");
    xml_text(&d->out, b->kind);
    buf_add_text(&d->out, " ");
    xml_text(&d->out, b->text);
    buf_addf(&d->out, "\nfrom %s to %s</title></g>\n", time_text(b->start_ns, from),
             time_text(b->stop_ns, to));
}

static void draw_bands(struct drawing *d)
{
    double *start_y = mem_zalloc((d->s->band_count + 1) * sizeof(*start_y));

    for (uint32_t i = 0; i < d->s->event_count; i++) {
        const struct story_event *ev = &d->s->events[i];

        if (ev->kind == STORY_BAND_START)
            start_y[ev->of] = d->layout.y[i];
        else if (ev->kind == STORY_BAND_STOP) {
            draw_band(d, ev->of, start_y[ev->of], d->layout.y[i]);
            start_y[ev->of] = 0;
        }
    }
    for (uint32_t i = 0; i < d->s->band_count; i++)
        if (start_y[i] > 0)
            draw_band(d, i, start_y[i], d->layout.bottom);
    mem_free(start_y);
}

static void draw_outage(struct drawing *d, const struct lane *lane, bool is_pause, double top,
                        double bottom)
{
    buf_addf(&d->out,
             "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"%.1f\" rx=\"3\"/>",
             is_pause ? "paused" : "down", lane->x - 8, top, fmax(bottom - top, 3));
    svg_text(&d->out, "downname", lane->x + 11, top + 11,
             is_pause ? STR_LIT("paused") : STR_LIT("down"));
}

/* Greys each node's lane from where it went down (or was paused) to where it came back. */
static void draw_outages(struct drawing *d)
{
    struct outage {
        double top; /* 0: running */
        bool is_pause;
    } *outages = mem_zalloc((d->layout.lane_count + 1) * sizeof(*outages));

    for (uint32_t i = 0; i < d->s->event_count; i++) {
        const struct story_event *ev = &d->s->events[i];
        struct outage *outage;
        bool begins;

        if (ev->kind != STORY_NODE || d->layout.lane_of[ev->of] == LAYOUT_NO_LANE)
            continue;
        outage = &outages[d->layout.lane_of[ev->of]];
        begins = str_is(ev->text, "kill") || str_is(ev->text, "exit") || str_is(ev->text, "pause");
        if (begins && outage->top > 0)
            continue; /* a kill followed by the exit it caused */
        if (outage->top > 0)
            draw_outage(d, &d->layout.lanes[d->layout.lane_of[ev->of]], outage->is_pause,
                        outage->top, d->layout.y[i]);
        outage->top = begins ? d->layout.y[i] : 0;
        outage->is_pause = str_is(ev->text, "pause");
    }
    for (uint32_t i = 0; i < d->layout.lane_count; i++)
        if (outages[i].top > 0)
            draw_outage(d, &d->layout.lanes[i], outages[i].is_pause, outages[i].top,
                        d->layout.bottom);
    mem_free(outages);
}

static void draw_lane_names(struct drawing *d, const char *class, double y)
{
    for (uint32_t i = 0; i < d->layout.lane_count; i++) {
        const struct lane *lane = &d->layout.lanes[i];

        buf_addf(&d->out, "<text class=\"%s mid\" x=\"%.1f\" y=\"%.1f\">", class, lane->x, y);
        xml_label(&d->out, endpoint_name(d, lane->endpoint), 18);
        buf_add_text(&d->out, "</text>\n");
    }
}

/* Says which lanes stand for more than one client. */
static void draw_shares(struct drawing *d)
{
    for (uint32_t i = 0; i < d->layout.lane_count; i++)
        if (d->layout.lanes[i].endpoint_count > 1)
            buf_addf(
                &d->out, "<text class=\"dim small mid\" x=\"%.1f\" y=\"%.1f\">and %u more</text>\n",
                d->layout.lanes[i].x, d->layout.top - 8, d->layout.lanes[i].endpoint_count - 1);
}

static void draw_lanes(struct drawing *d)
{
    for (uint32_t i = 0; i < d->layout.lane_count; i++)
        svg_line(&d->out, "lane", d->layout.lanes[i].x, d->layout.top, d->layout.lanes[i].x,
                 d->layout.bottom);
}

static void draw_all_lane_names(struct drawing *d)
{
    double step = fmax(LANE_NAMES_PX,
                       (d->layout.bottom - d->layout.top) * d->layout.lane_count / LANE_NAMES_MAX);

    draw_lane_names(d, "lanename", d->layout.top - 24);
    draw_shares(d);
    for (double y = d->layout.top + step; y < d->layout.bottom - 100; y += step)
        draw_lane_names(d, "lanename again halo", y);
}

/* The time stands beside the first event of a moment, where the last label leaves room. */
static void draw_times(struct drawing *d)
{
    double last_y = 0;
    char text[TIME_TEXT_MAX], last_text[TIME_TEXT_MAX] = "";

    for (uint32_t i = 0; i < d->s->event_count; i++) {
        double y = d->layout.y[i];

        if (y < last_y + TIME_LABEL_PX)
            continue;
        if (i > 0 && d->s->events[i].t_ns == d->s->events[i - 1].t_ns)
            continue;
        time_text(d->s->events[i].t_ns, text);
        if (strcmp(text, last_text) == 0)
            continue;
        memcpy(last_text, text, sizeof(text));
        last_y = y;
        svg_line(&d->out, "grid", d->layout.left - 32, y, d->layout.right + 20, y);
        svg_text(&d->out, "dim small num end", d->layout.left - 40, y + 4, str_of(text));
    }
}

static const char *class_of(const struct story *s, const struct story_message *m)
{
    if (m->is_error)
        return "e";
    return story_role(s, m->src) == ROLE_CLIENT || story_role(s, m->dest) == ROLE_CLIENT ? "c"
                                                                                         : "s";
}

static void draw_title(struct drawing *d, const struct story_message *m, const char *fate,
                       int64_t t_ns)
{
    size_t before = d->out.len;
    char time[TIME_TEXT_MAX], count[COUNT_TEXT_MAX];

    buf_add_text(&d->out, "<title>");
    xml_cut(&d->out, endpoint_name(d, m->src), 40);
    buf_add_text(&d->out, " → ");
    xml_cut(&d->out, endpoint_name(d, m->dest), 40);
    buf_addf(&d->out, ", %s at %s\n", fate, time_text(t_ns, time));
    if (d->title_bytes < TITLE_BYTES_MAX)
        xml_text(&d->out, m->body);
    else
        xml_cut(&d->out, m->type, 40);
    if (m->body_len > m->body.len || d->title_bytes >= TITLE_BYTES_MAX)
        buf_addf(&d->out, "… (%s bytes)", count_text(m->body_len, count));
    buf_add_text(&d->out, "</title>");
    d->title_bytes += d->out.len - before;
}

struct ray {
    double x1, y1, x2, y2;
};

/* The label along the arrow, at its tail, the right way up. */
static void draw_label(struct drawing *d, const struct ray *r, const struct story_message *m)
{
    double angle = atan2(r->y2 - r->y1, r->x2 - r->x1);
    bool leftward = r->x2 < r->x1;
    double length = hypot(r->x2 - r->x1, r->y2 - r->y1);
    size_t bytes_max = (size_t)fmax(6, fmin(36, (length - 18) / 5.6));

    if (m->type.len == 0)
        return;
    buf_addf(&d->out,
             "<text transform=\"translate(%.1f %.1f) rotate(%.1f)\" x=\"%d\" y=\"-3.5\"%s>", r->x1,
             r->y1, (leftward ? angle - M_PI * copysign(1, angle) : angle) * 180 / M_PI,
             leftward ? -9 : 9, leftward ? " class=\"end\"" : "");
    xml_label(&d->out, m->type, bytes_max);
    buf_add_text(&d->out, "</text>");
}

static bool ray_of(const struct drawing *d, uint32_t event, struct ray *ret_ray)
{
    const struct story_event *ev = &d->s->events[event];
    const struct story_message *m = &d->s->messages[ev->of];
    int32_t from = d->layout.lane_of[m->src], to = d->layout.lane_of[m->dest];

    if (from == LAYOUT_NO_LANE || to == LAYOUT_NO_LANE)
        return false;
    *ret_ray = (struct ray){d->layout.lanes[from].x, d->layout.sent_y[ev->of],
                            d->layout.lanes[to].x, d->layout.y[event]};
    return true;
}

static void draw_arrival(struct drawing *d, uint32_t event)
{
    const struct story_event *ev = &d->s->events[event];
    const struct story_message *m = &d->s->messages[ev->of];
    const char *class = class_of(d->s, m);
    struct ray r;

    if (!ray_of(d, event, &r))
        return;
    buf_addf(&d->out, "<g class=\"m %s\">", class);
    draw_title(d, m, "delivered", ev->t_ns);
    if (r.x1 == r.x2) /* to oneself, or between clients of one lane: a bow */
        buf_addf(&d->out, "<path marker-end=\"url(#a%s)\" d=\"M%.1f %.1fc26 0 26 %.1f 2 %.1f\"/>",
                 class, r.x1, r.y1, r.y2 - r.y1, r.y2 - r.y1);
    else
        buf_addf(&d->out, "<path marker-end=\"url(#a%s)\" d=\"M%.1f %.1fL%.1f %.1f\"/>", class,
                 r.x1, r.y1, r.x2, r.y2);
    if (r.x1 == r.x2) { /* the label beside the bow */
        double y = (r.y1 + r.y2) / 2 + 7;

        r = (struct ray){r.x1 + 14, y, r.x1 + 94, y};
    }
    draw_label(d, &r, m);
    buf_add_text(&d->out, "</g>\n");
}

static void draw_drop(struct drawing *d, uint32_t event)
{
    const struct story_event *ev = &d->s->events[event];
    const struct story_message *m = &d->s->messages[ev->of];
    struct ray r;
    double x, y;

    if (!ray_of(d, event, &r))
        return;
    x = r.x1 == r.x2 ? r.x1 + 30 : r.x2 - copysign(13, r.x2 - r.x1);
    y = r.y2;
    buf_addf(&d->out, "<g class=\"m lost %s\">", class_of(d->s, m));
    draw_title(d, m, "lost", ev->t_ns);
    buf_addf(&d->out, "<path d=\"M%.1f %.1fL%.1f %.1f\"/>", r.x1, r.y1, x, y);
#if PLANT_REPORT != 3
    buf_addf(&d->out, "<path class=\"cross\" d=\"M%.1f %.1fl8 8m0-8l-8 8\"/>", x - 4, y - 4);
#endif
    draw_label(d, &(struct ray){r.x1, r.y1, x, y}, m);
    buf_addf(&d->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", r.x2 < r.x1 ? "end" : "",
             x + (r.x2 < r.x1 ? -21 : 21), y + 4);
    xml_label(&d->out, ev->text, 20);
    buf_add_text(&d->out, "</text></g>\n");
}

/* Sent, and neither delivered nor dropped within what is shown. */
static void draw_on_the_way(struct drawing *d, const bool *ended)
{
    for (uint32_t i = 0; i < d->s->event_count; i++) {
        const struct story_event *ev = &d->s->events[i];
        struct ray r;

        if (ev->kind != STORY_SEND || ended[ev->of] || !ray_of(d, i, &r))
            continue;
        r.y1 = d->layout.y[i];
        r.y2 = r.y1 + 18;
        r.x2 = r.x1 + copysign(fmin(fabs(r.x2 - r.x1), 60), r.x2 - r.x1);
        buf_addf(&d->out, "<g class=\"m lost %s\">", class_of(d->s, &d->s->messages[ev->of]));
        draw_title(d, &d->s->messages[ev->of], "still on its way, sent", ev->t_ns);
        buf_addf(&d->out, "<path d=\"M%.1f %.1fL%.1f %.1f\"/>", r.x1, r.y1, r.x2, r.y2);
        draw_label(d, &r, &d->s->messages[ev->of]);
        buf_add_text(&d->out, "</g>\n");
    }
}

static void draw_messages(struct drawing *d)
{
    bool *ended = mem_zalloc((d->s->message_count + 1) * sizeof(*ended));

    for (uint32_t i = 0; i < d->s->event_count; i++) {
        const struct story_event *ev = &d->s->events[i];

        if (ev->kind != STORY_RECV && ev->kind != STORY_DROP)
            continue;
        ended[ev->of] = true;
        if (ev->kind == STORY_RECV)
            draw_arrival(d, i);
        else
            draw_drop(d, i);
    }
    draw_on_the_way(d, ended);
    mem_free(ended);
}

static void draw_note(struct drawing *d, uint32_t event)
{
    const struct story_event *ev = &d->s->events[event];
    double y = d->layout.y[event];
    int32_t lane;

    if (ev->kind == STORY_STEP || ev->kind == STORY_NOTE) {
        bool is_step = ev->kind == STORY_STEP;

        buf_addf(&d->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s",
                 !is_step ? "dim small"
                 : ev->ok ? "step"
                          : "stepfail",
                 d->layout.right + 34, y + 10,
                 !is_step ? ""
                 : ev->ok ? "✓ "
                          : "✗ ");
        xml_label(&d->out, ev->text, 44);
        buf_add_text(&d->out, "<title>");
        xml_text(&d->out, ev->text);
        buf_add_text(&d->out, "</title></text>\n");
    } else if (ev->kind == STORY_LOG && (lane = d->layout.lane_of[ev->of]) != LAYOUT_NO_LANE) {
        buf_addf(&d->out, "<path class=\"log\" d=\"M%.1f %.1fh-7\"><title>",
                 d->layout.lanes[lane].x, y);
        xml_cut(&d->out, endpoint_name(d, ev->of), 40);
        buf_add_text(&d->out, " logged: ");
        xml_text(&d->out, ev->text);
        buf_add_text(&d->out, "</title></path>\n");
    }
}

static void draw_markers(struct drawing *d)
{
    static const char *const names[] = {"c", "s", "e"};

    buf_add_text(&d->out, "<defs>");
    for (size_t i = 0; i < 3; i++)
        buf_addf(&d->out,
                 "<marker id=\"a%s\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"7\" "
                 "markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path "
                 "class=\"h%s\" d=\"M0 .8L8 4L0 7.2z\"/></marker>",
                 names[i], names[i]);
    buf_add_text(&d->out, "</defs>\n");
}

static void draw_legend(struct drawing *d)
{
    static const struct {
        const char *class, *marker, *text;
    } kinds[] = {
        {"m c", "ac", "to or from a client"},
        {"m s", "as", "between nodes and services"},
        {"m e", "ae", "an error"},
        {"m lost s", NULL, "lost; the cross says why"},
    };
    double x = 24;

    for (size_t i = 0; i < 4; i++) {
        buf_addf(&d->out, "<g class=\"%s\"><path d=\"M%.1f 94h30\"", kinds[i].class, x);
        if (kinds[i].marker != NULL)
            buf_addf(&d->out, " marker-end=\"url(#%s)\"/></g>", kinds[i].marker);
        else
            buf_addf(
                &d->out,
                "/><path class=\"key\" stroke-dasharray=\"none\" d=\"M%.1f 90l8 8m0-8l-8 8\"/></g>",
                x + 28);
        svg_text(&d->out, "small dim", x + 42, 98, str_of(kinds[i].text));
        x += 66 + svg_text_width(str_of(kinds[i].text), 10.5);
    }
}

static void describe(const struct drawing *d, struct buf *out)
{
    char kept[COUNT_TEXT_MAX], all[COUNT_TEXT_MAX];

    if (d->s->kept_events < d->s->message_events)
        buf_addf(out,
                 "The first %s of %s message events (sent, delivered or lost); the rest is in the "
                 "journal.",
                 count_text(d->s->kept_events, kept), count_text(d->s->message_events, all));
    else
        buf_addf(out, "All %s message events (sent, delivered or lost).",
                 count_text(d->s->kept_events, kept));
    buf_add_text(out, " The messages of init are left out.");
    if (d->layout.quiet_nodes > 0)
        buf_addf(out, " %u nodes without messages have no lane.", d->layout.quiet_nodes);
    if (d->s->notes_left_out > 0)
        buf_addf(out, " %s log lines, steps and starts or ends of nodes are left out.",
                 count_text(d->s->notes_left_out, all));
    if (d->s->bad_lines > 0)
        buf_addf(out, " %s journal lines could not be read.", count_text(d->s->bad_lines, all));
}

static void draw_all(struct drawing *d, const struct run_view *view)
{
    struct buf heading = {0}, about = {0};

    buf_addf(&heading, "Messages: %.90s", view->title);
    describe(d, &about);
    d->height = d->layout.bottom + 40;
    svg_begin(&d->out, &(struct svg_frame){.width = d->layout.width,
                                           .height = d->height,
                                           .title = buf_str(&heading),
                                           .description = about.data,
                                           .style = style});
    draw_markers(d);
    svg_text(&d->out, "h", 24, 34, buf_str(&heading));
    svg_text(&d->out, "dim", 24, 56, buf_str(&about));
    svg_text(&d->out, "dim", 24, 74,
             STR_LIT("Time runs downward, not to scale: quiet stretches are short. Point at a "
                     "message to read it."));
    draw_legend(d);
    draw_bands(d);
    draw_times(d);
    draw_lanes(d);
    draw_outages(d);
    draw_messages(d);
    draw_all_lane_names(d);
    for (uint32_t i = 0; i < d->s->event_count; i++)
        draw_note(d, i);
    if (d->s->kept_events == 0)
        svg_text(&d->out, "dim", d->layout.left, d->layout.top + 24, STR_LIT("No messages."));
    svg_end(&d->out);
    buf_release(&heading);
    buf_release(&about);
}

int messages_svg_write(const struct run_view *view, const struct story *story, const char *path,
                       struct err *err)
{
    struct drawing d = {.s = story};
    int status;

    layout_init(&d.layout, story);
    draw_all(&d, view);
    status = file_write(path, buf_str(&d.out), err);
    layout_release(&d.layout);
    buf_release(&d.out);
    return status;
}

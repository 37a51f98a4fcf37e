#include "pictures.h"

#include "../base/str.h"
#include "story.h"

int pictures_write(const struct run_view *view, const char *folder, struct err *err)
{
    static const struct {
        const char *name;
        int (*write)(const struct run_view *, const struct story *, const char *, struct err *);
    } pictures[] = {
        {"messages.svg", messages_svg_write},
        {"timeline.html", timeline_html_write},
        {"latency.svg", latency_svg_write},
        {"rate.svg", rate_svg_write},
    };
    struct story *story = NULL;
    struct buf path = {0};
    int status = story_read(view, &story, err);

    for (size_t i = 0; status >= 0 && i < sizeof(pictures) / sizeof(pictures[0]); i++) {
        buf_reset(&path);
        buf_addf(&path, "%s/%s", folder, pictures[i].name);
        status = pictures[i].write(view, story, path.data, err);
    }
    buf_release(&path);
    story_free(story);
    return status < 0 ? status : 0;
}

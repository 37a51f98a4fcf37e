#include "vt_note.h"

#include "vt_thread.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NOTE_MAX = 1024, THREAD_NAME_MAX = 32 };

void vt_note(struct vt_node *n, const char *format, ...)
{
    const struct cage_events *events = &n->world->config->events;
    char text[NOTE_MAX];
    va_list args;

    if (events->note == NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    events->note(events->owner, n->id, str_of(text));
}

static void thread_name(const struct vt_thread *t, char name[THREAD_NAME_MAX])
{
    char path[64];
    ssize_t len = -1;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/comm", t->tid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, name, THREAD_NAME_MAX - 1);
        close(fd);
    }
    name[len > 0 ? len : 0] = '\0';
    name[strcspn(name, "\n")] = '\0';
}

void vt_stuck(struct vt_thread *t, const char *format, ...)
{
    struct vt_node *n = t->node;
    const struct cage_events *events = &n->world->config->events;
    char text[NOTE_MAX], name[THREAD_NAME_MAX];
    va_list args;
    int len;

    if (n->stuck_reported || events->stuck == NULL)
        return;
    n->stuck_reported = true;
    thread_name(t, name);
    len = snprintf(text, sizeof(text), "thread \"%s\" (number %u) ", name, t->number);
    va_start(args, format);
    vsnprintf(text + len, sizeof(text) - (size_t)len, format, args);
    va_end(args);
    ++*n->world->report_count;
    events->stuck(events->owner, n->id, str_of(text));
}

#include "faults.h"

#include "../base/mem.h"
#include "../base/str.h"

#include <stdarg.h>
#include <stdio.h>

void faults_add(struct faults *f, const char *path, uint32_t line, const char *format, ...)
{
    struct buf text = {0};
    char sentence[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    if (line > 0)
        buf_addf(&text, "%s:%u: %s", path, line, sentence);
    else
        buf_addf(&text, "%s: %s", path, sentence);
    f->texts = mem_grow(f->texts, &f->cap, f->count + 1, sizeof(*f->texts));
    f->texts[f->count++] = buf_take(&text);
}

void faults_release(struct faults *f)
{
    uint32_t i;

    for (i = 0; i < f->count; i++)
        mem_free(f->texts[i]);
    mem_free(f->texts);
    *f = (struct faults){0};
}

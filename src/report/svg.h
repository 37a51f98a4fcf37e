/* svg.h - the frame that all our SVG files share: size, names for screen readers, style.
 *
 * Colours are classes with literal values for light, overridden for dark where the viewer
 * prefers it, because many viewers know neither CSS variables nor context-stroke. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "../base/str.h"

struct err;

struct svg_frame {
    double width, height;
    struct str title;
    const char *description; /* what the picture shows, for who cannot see it */
    const char *style;       /* CSS of this picture, after the common one; may be NULL */
};

void svg_begin(struct buf *out, const struct svg_frame *frame);
void svg_end(struct buf *out);

/* <text class="class" x y>text</text>; text is escaped. */
void svg_text(struct buf *out, const char *class, double x, double y, struct str text);
void svg_line(struct buf *out, const char *class, double x1, double y1, double x2, double y2);

/* How wide a text of this many bytes will be, roughly, at a font size. */
double svg_text_width(struct str text, double font_px);

#endif

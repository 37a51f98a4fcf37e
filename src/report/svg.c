#include "svg.h"

#include "xml.h"

/* Ink, dim ink, hairlines; faults in ochre. Series colours stem from Okabe and Ito's palette, which
 * stays distinct for colour-blind eyes, darkened or lightened for contrast with the ground. */
static const char common_style[] =
    "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',"
    "sans-serif;font-size:12px;fill:#1d2530}"
    ".bg{fill:#fff}.h{font-size:18px;font-weight:600}.dim{fill:#5a6675}.small{font-size:11px}"
    ".num{font-variant-numeric:tabular-nums}.end{text-anchor:end}.mid{text-anchor:middle}"
    ".grid{stroke:#e4e8ed;stroke-width:1;fill:none}.axis{stroke:#aab3be;stroke-width:1;fill:none}"
    ".halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}"
    ".shade{fill:#d99a1c;fill-opacity:.11}.fault{fill:#d99a1c;fill-opacity:.75}"
    ".faultname{fill:#7a5200;font-size:11px}"
    "@media (prefers-color-scheme:dark){text{fill:#e2e7ee}.bg{fill:#14181d}.dim{fill:#9aa5b2}"
    ".grid{stroke:#272e37}.axis{stroke:#56616e}.shade{fill:#e8b44f;fill-opacity:.13}"
    ".halo{stroke:#14181d}.fault{fill:#e8b44f;fill-opacity:.7}.faultname{fill:#eec87c}}";

void svg_begin(struct buf *out, const struct svg_frame *frame)
{
    buf_addf(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
             "viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"title about\">\n"
             "<title id=\"title\">",
             frame->width, frame->height, frame->width, frame->height);
    xml_text(out, frame->title);
    buf_add_text(out, "</title>\n<desc id=\"about\">");
    xml_text(out, str_of(frame->description));
    buf_addf(out, "</desc>\n<style>%s\n%s</style>\n", common_style,
             frame->style == NULL ? "" : frame->style);
    buf_addf(out, "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n", frame->width,
             frame->height);
}

void svg_end(struct buf *out)
{
    buf_add_text(out, "</svg>\n");
}

void svg_text(struct buf *out, const char *class, double x, double y, struct str text)
{
    buf_addf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    xml_text(out, text);
    buf_add_text(out, "</text>\n");
}

void svg_line(struct buf *out, const char *class, double x1, double y1, double x2, double y2)
{
    buf_addf(out, "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", class, x1, y1, x2, y2);
}

double svg_text_width(struct str text, double font_px)
{
    return (double)text.len * font_px * 0.58;
}

#include "quantile.h"

#include "plant.h"

#include "../base/assert.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void quantile_sort(int64_t *values, size_t count)
{
    if (count > 1)
        qsort(values, count, sizeof(*values), by_value);
}

int64_t quantile_of(const int64_t *sorted, size_t count, double q)
{
    size_t index = (size_t)((double)count * q);

    ASSERT(count > 0 && q >= 0 && q <= 1);
    if (PLANTED(1) && index > 0)
        index--;
    return sorted[index < count ? index : count - 1];
}

json_t *quantile_json(const int64_t *sorted, size_t count, json_t *(*show)(int64_t value))
{
    static const struct {
        const char *name;
        double q;
    } points[] = {{"0", 0}, {"0.5", 0.5}, {"0.95", 0.95}, {"0.99", 0.99}, {"1", 1}};
    json_t *all = json_object();
    size_t i;

    for (i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        json_object_set_new(all, points[i].name, show(quantile_of(sorted, count, points[i].q)));
    return all;
}

/* quantile.h - quantiles the way Maelstrom takes them: of n sorted values, the one at index
 * floor(n * q), the last at most. Never interpolated, so every quantile is a value that was met. */
#ifndef CHECK_QUANTILE_H
#define CHECK_QUANTILE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

void quantile_sort(int64_t *values, size_t count);
int64_t quantile_of(const int64_t *sorted, size_t count, double q); /* count > 0 */

/* {"0": .., "0.5": .., "0.95": .., "0.99": .., "1": ..} of sorted values, each as show writes it;
 * count > 0. */
json_t *quantile_json(const int64_t *sorted, size_t count, json_t *(*show)(int64_t value));

#endif

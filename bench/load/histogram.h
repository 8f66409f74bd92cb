/* Counts of durations, to answer percentiles. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

/* 50 us wide; the last one holds all that is longer than a second. */
#define HISTOGRAM_BUCKET_NS 50000
#define HISTOGRAM_BUCKETS 20001

struct histogram {
  uint64_t total;
  int64_t max_ns;
  uint32_t counts[HISTOGRAM_BUCKETS];
};

/* Counts a duration; a negative one counts as 0. */
void histogram_add(struct histogram *histogram, int64_t ns);

/* The duration in ms that the share `quantile` (0 to 1) does not exceed, to a bucket; 0 if empty. */
double histogram_ms(const struct histogram *histogram, double quantile);

/* The longest duration in ms. */
double histogram_max_ms(const struct histogram *histogram);

#endif

#include "histogram.h"

void histogram_add(struct histogram *histogram, int64_t ns) {
  if (ns < 0) ns = 0;
  int64_t bucket = ns / HISTOGRAM_BUCKET_NS;
  histogram->counts[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1]++;
  histogram->total++;
  if (ns > histogram->max_ns) histogram->max_ns = ns;
}

double histogram_ms(const struct histogram *histogram, double quantile) {
  uint64_t seen = 0;
  for (int bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    seen += histogram->counts[bucket];
    if (seen > 0 && seen >= quantile * histogram->total) {
      return (bucket + 0.5) * HISTOGRAM_BUCKET_NS / 1e6;
    }
  }
  return 0;
}

double histogram_max_ms(const struct histogram *histogram) { return histogram->max_ns / 1e6; }

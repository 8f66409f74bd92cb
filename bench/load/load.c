#define _GNU_SOURCE
#include "load.h"

#include <time.h>

#define FRAME_NS (FRAME_STEPS * STEP_NS)

int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

size_t frame_bytes(const struct options *options) {
  return options->format == FORMAT_PCM_16K ? 1600 : 800;
}

void listener_count(struct listener *listener) {
  struct load *load = listener->load;
  int64_t transit_ns = now_ns() - FRAME_NS * (int64_t)listener->frames++;
  if (load->is_measuring) {
    load->frames++;
    histogram_add(&load->frame_lateness, transit_ns - listener->best_ns);
  } else if (transit_ns < listener->best_ns) {
    listener->best_ns = transit_ns;
  }
}

/*
 * Drives a server with N calls in real time and measures what its listeners get.
 *
 * Prints {"phase":"steady"} when the measurement begins and one line of results when it ends. Then it
 * holds all sockets open until its standard input ends, so that the server can be looked at.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "call.h"
#include "messages.h"

#define CALLS_PER_STEP 2  /* that start: 200 in a second */
#define SHORTEST_NAP_NS 200000 /* messages that are due closer together go out together */

static struct load load;
static struct call *calls, **in_order;

static int by_phase(const void *left, const void *right) {
  const struct call *a = *(struct call *const *)left, *b = *(struct call *const *)right;
  return (a->phase_ns > b->phase_ns) - (a->phase_ns < b->phase_ns);
}

static void plan_calls(void) {
  int count = load.options.calls;
  calls = calloc((size_t)count, sizeof *calls);
  in_order = calloc((size_t)count, sizeof *in_order);
  for (int i = 0; i < count; i++) {
    call_plan(&calls[i], &load, i, i / CALLS_PER_STEP);
    in_order[i] = &calls[i];
  }
  qsort(in_order, (size_t)count, sizeof *in_order, by_phase);
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void receive(int64_t timeout_ns) {
  struct epoll_event events[256];
  struct timespec timeout = {.tv_nsec = timeout_ns > 0 ? timeout_ns : 0};
  int count = epoll_pwait2(load.epoll_fd, events, 256, &timeout, NULL);
  for (int i = 0; i < count; i++) {
    uintptr_t data = (uintptr_t)events[i].data.ptr;
    if (data & 1) listener_receive((struct listener *)(data - 1));
    else call_receive((struct call *)data);
  }
}

/* Counts the sockets that are open, and the first HTTP status that refused one. */
static void look_at_sockets(int *open_calls, int *open_listeners, int *refused_with) {
  for (int i = 0; i < load.options.calls; i++) {
    if (calls[i].socket.connection.state == CONNECTION_OPEN) ++*open_calls;
    else *refused_with = calls[i].socket.connection.http_status;
    for (int j = 0; j < load.options.listeners_per_call; j++) {
      const struct connection *connection = &calls[i].listeners[j].socket.connection;
      if (connection->state == CONNECTION_OPEN) ++*open_listeners;
      else *refused_with = connection->http_status;
    }
  }
}

static void report(double seconds, double cpu) {
  int open_calls = 0, open_listeners = 0, refused_with = 0;
  look_at_sockets(&open_calls, &open_listeners, &refused_with);
  printf("{\"phase\":\"end\",\"seconds\":%.3f,\"cpuSeconds\":%.3f,\"openCalls\":%d,"
         "\"openListeners\":%d,\"httpStatus\":%d,\"sent\":%llu,\"refused\":%llu,\"frames\":%llu,"
         "\"holes\":%llu,\"metadata\":%llu,\"others\":%llu,",
         seconds, cpu, open_calls, open_listeners, refused_with,
         (unsigned long long)load.messages_sent, (unsigned long long)load.messages_refused,
         (unsigned long long)load.frames, (unsigned long long)load.holes,
         (unsigned long long)load.metadata,
         (unsigned long long)load.other_messages);
  printf("\"sendLatenessMs\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},",
         histogram_ms(&load.send_lateness, 0.5), histogram_ms(&load.send_lateness, 0.99),
         histogram_max_ms(&load.send_lateness));
  printf("\"frameLatenessMs\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f}}\n",
         histogram_ms(&load.frame_lateness, 0.5), histogram_ms(&load.frame_lateness, 0.99),
         histogram_max_ms(&load.frame_lateness));
  fflush(stdout);
}

int main(int argc, char **argv) {
  read_options(&load.options, argc, argv);
  load.epoll_fd = epoll_create1(0);
  make_speech(&load);
  plan_calls();
  int count = load.options.calls;
  int64_t begin_ns = now_ns();
  int crowd_steps = load.options.listeners_per_call / listeners_per_step(&load.options);
  int64_t ramp_ns = (count / CALLS_PER_STEP + crowd_steps + 50) * STEP_NS;
  int64_t steady_ns = begin_ns + ramp_ns + (int64_t)(load.options.warmup_seconds * 1e9);
  int64_t end_ns = steady_ns + (int64_t)(load.options.seconds * 1e9);
  double cpu_at_steady = 0;
  int64_t step = 0;
  for (int next = 0;;) {
    int64_t now = now_ns();
    if (now >= end_ns) break;
    if (!load.is_measuring && now >= steady_ns) {
      load.is_measuring = 1;
      steady_ns = now;
      cpu_at_steady = cpu_seconds();
      puts("{\"phase\":\"steady\"}");
      fflush(stdout);
    }
    int64_t due_ns;
    while ((due_ns = begin_ns + step * STEP_NS + in_order[next]->phase_ns) <= now) {
      call_step(in_order[next], step, due_ns);
      if (++next == count) next = 0, step++;
    }
    int64_t nap_ns = due_ns - now_ns();
    receive(nap_ns < SHORTEST_NAP_NS ? SHORTEST_NAP_NS : nap_ns);
  }
  report((double)(now_ns() - steady_ns) / 1e9, cpu_seconds() - cpu_at_steady);
  while (getchar() != EOF) {
  }
  return 0;
}

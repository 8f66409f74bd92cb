/* One call as Twilio Media Streams sends it, and those who listen to it. */
#ifndef CALL_H
#define CALL_H

#include <stdint.h>

#include "broker.h"
#include "histogram.h"
#include "options.h"
#include "speech.h"
#include "websocket.h"

/* Every call does one thing per step: inbound and outbound audio take turns, 20 ms apart each. */
#define STEP_NS 10000000LL

/* What all calls share. */
struct load {
  struct options options;
  int epoll_fd;
  int is_measuring;
  struct speech user, bot;
  struct histogram frame_lateness, send_lateness;
  /* Of the measurement: */
  uint64_t messages_sent, messages_refused, frames;
  uint64_t holes; /* frames in which 10 ms or more have no sound, though both sides always speak */
  /* Of the whole run: text to listeners, and what is neither text nor a frame of 50 ms. */
  uint64_t metadata, other_messages;
};

struct listener {
  struct websocket socket;
  struct load *load;
  uint64_t frames;
  struct nats_reader nats;
  size_t bytes;    /* of a frame that has not come whole yet, where they come without borders */
  int64_t best_ns; /* least of arrival minus 50 ms times position, before the measurement */
};

struct call {
  struct websocket socket;
  struct load *load;
  int number;
  int64_t phase_ns; /* within a step */
  int64_t start_step;
  uint64_t sequence;
  struct nats_reader nats;
  struct listener *listeners;
};

/* Monotonic time. */
int64_t now_ns(void);

/* The `index`th of all calls: when in a step it acts, and in which step it starts. */
void call_plan(struct call *call, struct load *load, int index, int64_t start_step);

/* How many listeners of a call are let in at a step. */
int listeners_per_step(const struct options *options);

/* Does what is due in `step`, at `due_ns`: connect, start, send audio, let listeners in. */
void call_step(struct call *call, int64_t step, int64_t due_ns);

/* Counts a frame that has come. */
void listener_count(struct listener *listener);

/* Reads what a listener was sent. */
void listener_receive(struct listener *listener);

/* Reads what the server says to the sender: nothing, but its close. */
void call_receive(struct call *call);

#endif

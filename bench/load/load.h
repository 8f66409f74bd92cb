/* What the load is made of, and what is counted of it. */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "histogram.h"
#include "options.h"
#include "speech.h"
#include "websocket.h"

/* Every call does one thing per step: inbound and outbound audio take turns, 20 ms apart each. */
#define STEP_NS 10000000LL
#define FRAME_STEPS 5 /* of a frame that a listener gets */

/* Where a reader of NATS' protocol is: in a line, or in the payload that one announced. */
struct nats_reader {
  char line[64]; /* its beginning, as far as it has come */
  size_t line_chars;
  size_t payload_bytes; /* of the message that is being read, */
  size_t left;          /* and how much of it, and of the line's end behind it, is to come */
};

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

/* Bytes of a mono frame of 50 ms that a listener gets. */
size_t frame_bytes(const struct options *options);

/* Counts a frame that has come. */
void listener_count(struct listener *listener);

#endif

#include "call.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "messages.h"

#define CONNECT_STEPS 20 /* the socket opens so long before the call starts */
#define LISTEN_STEP 10   /* and the listeners so long after it, */
#define RETRY_STEPS 25   /* again and again, because a busy server may not know the call yet */
#define CROWD 20         /* more listeners than that are let in group after group: */
#define CROWD_STEP 20    /* so many at a time, */
#define ICECAST_STEP 5   /* or so many, because icecast2 accepts slowly and lets few wait */
#define MAX_PATH_CHARS 512

void call_plan(struct call *call, struct load *load, int index, int64_t start_step) {
  call->load = load;
  call->number = index;
  /* Multiples of the golden ratio spread evenly, however many there are. */
  call->phase_ns = (int64_t)(fmod(index * 0.6180339887498949, 1) * STEP_NS);
  call->start_step = start_step + CONNECT_STEPS;
  call->listeners = calloc((size_t)load->options.listeners_per_call, sizeof *call->listeners);
}

int listeners_per_step(const struct options *options) {
  return options->format == FORMAT_ICECAST ? ICECAST_STEP : CROWD_STEP;
}

static void must_be_open(const struct load *load, int result) {
  if (result == 0) return;
  fprintf(stderr, "Cannot connect to port %d: %s\n", load->options.port, strerror(errno));
  exit(1);
}

static int open_call(struct call *call) {
  const struct load *load = call->load;
  if (is_broker(&load->options)) return broker_open_publisher(call);
  char path[MAX_PATH_CHARS];
  ingest_path(call, path, sizeof path);
  return websocket_open(&call->socket, load->epoll_fd, call, load->options.port, path);
}

static int open_listener(struct listener *listener, const char *path) {
  const struct load *load = listener->load;
  /* The lowest bit of the pointer tells a listener from a call. */
  void *tagged = (void *)((uintptr_t)listener | 1);
  if (is_broker(&load->options)) return broker_open_listener(listener, tagged);
  return websocket_open(&listener->socket, load->epoll_fd, tagged, load->options.port, path);
}

static void open_listeners(struct call *call) {
  struct load *load = call->load;
  const struct options *options = &load->options;
  char path[MAX_PATH_CHARS];
  /* Frames have no numbers: were the silent ones left out, those after them would all look late. */
  snprintf(path, sizeof path, "/live/CA%032d/ws?silence=pcm&token=%s", call->number, options->token);
  int opened = 0, most = listeners_per_step(options);
  for (int i = 0; i < options->listeners_per_call && opened < most; i++) {
    struct listener *listener = &call->listeners[i];
    int was_refused = listener->socket.connection.state == CONNECTION_CLOSED;
    if (listener->load != NULL && !was_refused) continue;
    listener->load = load;
    listener->frames = 0;
    listener->best_ns = INT64_MAX;
    must_be_open(load, open_listener(listener, path));
    opened++;
  }
}

void call_step(struct call *call, int64_t step, int64_t due_ns) {
  struct load *load = call->load;
  int64_t since = step - call->start_step;
  if (since < -CONNECT_STEPS) return;
  if (since == -CONNECT_STEPS) {
    must_be_open(load, open_call(call));
    return;
  }
  if (since < 0) return;
  if (since == 0) {
    /* A server that is slow to answer makes the call start later. */
    if (call->socket.connection.state == CONNECTION_OPENING) call->start_step++;
    else send_start(call, due_ns);
    return;
  }
  int is_crowd = load->options.listeners_per_call > CROWD;
  int is_time = is_crowd ? since >= LISTEN_STEP : since % RETRY_STEPS == LISTEN_STEP;
  if (is_time && !load->is_measuring) open_listeners(call);
  /* A chunk can be sent when its last sample has been said: the first one 20 ms after the start. */
  if (since < 2) return;
  if (is_broker(&load->options)) {
    if (since % FRAME_STEPS == 0) send_frame(call, due_ns);
    return;
  }
  if (since % 2 == 0) send_chunk(call, 0, since / 2, due_ns);
  else if (since > 2) send_chunk(call, 1, since / 2, due_ns);
}

static void take_frame(void *context, int opcode, const uint8_t *payload, size_t length) {
  struct listener *listener = context;
  struct load *load = listener->load;
  if (opcode == OPCODE_TEXT) load->metadata++;
  int is_frame = opcode == OPCODE_BINARY && length == frame_bytes(&load->options);
  if (!is_frame && opcode != OPCODE_TEXT) load->other_messages++;
  if (!is_frame) return;
  if (load->is_measuring) load->holes += (uint64_t)speech_has_hole(payload, length);
  listener_count(listener);
}

void listener_receive(struct listener *listener) {
  if (is_broker(&listener->load->options)) broker_listener_receive(listener);
  else websocket_receive(&listener->socket, take_frame, listener);
  connection_flush(&listener->socket.connection);
}

static void ignore(void *context, int opcode, const uint8_t *payload, size_t length) {
  (void)context, (void)opcode, (void)payload, (void)length;
}

void call_receive(struct call *call) {
  if (is_broker(&call->load->options)) broker_publisher_receive(call);
  else websocket_receive(&call->socket, ignore, call);
  connection_flush(&call->socket.connection);
}

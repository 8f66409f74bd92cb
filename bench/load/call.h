/* One call as Twilio Media Streams sends it, and those who listen to it. */
#ifndef CALL_H
#define CALL_H

#include <stdint.h>

#include "load.h"

/* The `index`th of all calls: when in a step it acts, and in which step it starts. */
void call_plan(struct call *call, struct load *load, int index, int64_t start_step);

/* How many listeners of a call are let in at a step. */
int listeners_per_step(const struct options *options);

/* Does what is due in `step`, at `due_ns`: connect, start, send audio, let listeners in. */
void call_step(struct call *call, int64_t step, int64_t due_ns);

/* Reads what a listener was sent. */
void listener_receive(struct listener *listener);

/* Reads what the server says to the sender: nothing, but its close. */
void call_receive(struct call *call);

#endif

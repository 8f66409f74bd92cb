/* What a call says, in each of the formats that a server may be asked to take. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include "load.h"

/* Path of the ingest socket, with what it needs of a credential. */
void ingest_path(const struct call *call, char *path, size_t size);

/* Makes the sound of both sides. */
void make_speech(struct load *load);

/* Begins the call. */
void send_start(struct call *call, int64_t due_ns);

/* Sends the `chunk`th 20 ms of a side, the first one being 1. */
void send_chunk(struct call *call, int is_bot, int64_t chunk, int64_t due_ns);

/* Sends the next 50 ms to a broker, which begins no calls. */
void send_frame(struct call *call, int64_t due_ns);

#endif

/*
 * Servers that pass on what one publisher sends, and know nothing of calls: nats-server over WebSocket
 * (docs.nats.io/reference/reference-protocols/nats-protocol) and icecast2 over HTTP. The call is the
 * publisher: a frame every 50 ms; its listeners are the subscribers.
 */
#ifndef BROKER_H
#define BROKER_H

#include "load.h"

/* Whether the load is one publisher's at a broker. */
int is_broker(const struct options *options);

/* Connect the publisher or a listener, `data` comes back in the events. Return 0, or -1 with errno. */
int broker_open_publisher(struct call *call);
int broker_open_listener(struct listener *listener, void *data);

/* Sends the next frame. Returns 0, or -1 when it was not taken. */
int broker_publish(struct call *call);

/* Read what the server says, and answer it. */
void broker_publisher_receive(struct call *call);
void broker_listener_receive(struct listener *listener);

#endif

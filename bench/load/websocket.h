/* The client's side of the WebSocket protocol (RFC 6455). */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include "connection.h"

enum websocket_opcode { OPCODE_TEXT = 1, OPCODE_BINARY = 2, OPCODE_CLOSE = 8, OPCODE_PING = 9 };

/* Longest message that can be sent. */
#define WEBSOCKET_MESSAGE_BYTES 4096

struct websocket {
  struct connection connection;
  uint32_t mask_seed;
};

/* Takes one message of the server; `payload` is valid until it returns. */
typedef void (*websocket_handler)(void *context, int opcode, const uint8_t *payload, size_t length);

/* Connects to a port of this machine, asks for `path` and watches the socket with `epoll_fd`;
   `data` comes back in its events. Returns 0, or -1 with errno. */
int websocket_open(struct websocket *socket, int epoll_fd, void *data, int port, const char *path);

/* Reads what has arrived and hands every whole message to `handler`. Pings are answered. */
void websocket_receive(struct websocket *socket, websocket_handler handler, void *context);

/* Sends one masked message. Returns 0, or -1 when the peer takes nothing and the room is full. */
int websocket_send(struct websocket *socket, int opcode, const void *payload, size_t length);

#endif

/* The client's side of the WebSocket protocol (RFC 6455) over a socket that never blocks. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include <stddef.h>
#include <stdint.h>

enum websocket_state { WEBSOCKET_CONNECTING, WEBSOCKET_OPEN, WEBSOCKET_CLOSED };

enum websocket_opcode { OPCODE_TEXT = 1, OPCODE_BINARY = 2, OPCODE_CLOSE = 8, OPCODE_PING = 9 };

#define WEBSOCKET_IN_BYTES 8192
#define WEBSOCKET_OUT_BYTES 65536
/* Longest message that can be sent. */
#define WEBSOCKET_MESSAGE_BYTES 4096

struct websocket {
  int fd;
  enum websocket_state state;
  uint32_t mask_seed;
  int http_status; /* of the answer to the upgrade; 0 as long as there is none */
  size_t in_used;
  size_t out_used;
  uint8_t in[WEBSOCKET_IN_BYTES];
  uint8_t *out; /* what the kernel did not take yet; made when first needed */
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

/* Sends what was left over; to be called when the socket can take more. */
void websocket_flush(struct websocket *socket);

#endif

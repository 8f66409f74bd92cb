/* A TCP connection to this machine that begins with an HTTP request and never blocks. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stddef.h>
#include <stdint.h>

enum connection_state { CONNECTION_OPENING, CONNECTION_OPEN, CONNECTION_CLOSED };

#define CONNECTION_IN_BYTES 65536
#define CONNECTION_OUT_BYTES 65536

struct connection {
  int fd;
  enum connection_state state;
  int wanted_status; /* of the answer: what makes the connection open, */
  int http_status;   /* and what was answered; 0 as long as nothing was */
  size_t in_used;
  size_t out_used;
  uint8_t in[CONNECTION_IN_BYTES];
  uint8_t *out; /* what the kernel did not take yet; made when first needed */
};

/* Takes bytes from the front of what has arrived: how many, or 0 to wait for more. They are valid
   until it returns. */
typedef size_t (*connection_taker)(void *context, const uint8_t *bytes, size_t length);

/* Connects to a port of this machine, sends `request` and watches the socket with `epoll_fd`; `data`
   comes back in its events. Returns 0, or -1 with errno. */
int connection_open(struct connection *connection, int epoll_fd, void *data, int port,
                    const char *request, int wanted_status);

/* Reads what has arrived and hands what follows the HTTP answer to `take`. */
void connection_receive(struct connection *connection, connection_taker take, void *context);

/* Sends bytes, keeping what the kernel does not take. Returns -1 when there is no room for it. */
int connection_send(struct connection *connection, const uint8_t *bytes, size_t length);

/* Sends what was left over; to be called when the socket can take more. */
void connection_flush(struct connection *connection);

#endif

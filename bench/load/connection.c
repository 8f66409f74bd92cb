#define _GNU_SOURCE
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void end(struct connection *connection) {
  if (connection->state == CONNECTION_CLOSED) return;
  connection->state = CONNECTION_CLOSED;
  close(connection->fd);
}

int connection_send(struct connection *connection, const uint8_t *bytes, size_t length) {
  size_t *used = &connection->out_used;
  if (*used > 0 && *used + length > CONNECTION_OUT_BYTES) return -1;
  ssize_t sent = 0;
  if (*used == 0) {
    sent = send(connection->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == (ssize_t)length) return 0;
    if (sent < 0 && errno != EAGAIN) {
      end(connection);
      return -1;
    }
    if (sent < 0) sent = 0;
    if (connection->out == NULL) connection->out = malloc(CONNECTION_OUT_BYTES);
  }
  memcpy(connection->out + *used, bytes + sent, length - (size_t)sent);
  *used += length - (size_t)sent;
  return 0;
}

void connection_flush(struct connection *connection) {
  if (connection->out_used == 0 || connection->state == CONNECTION_CLOSED) return;
  ssize_t sent =
      send(connection->fd, connection->out, connection->out_used, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent <= 0) return;
  connection->out_used -= (size_t)sent;
  memmove(connection->out, connection->out + sent, connection->out_used);
}

int connection_open(struct connection *connection, int epoll_fd, void *data, int port,
                    const char *request, int wanted_status) {
  connection->state = CONNECTION_OPENING;
  connection->wanted_status = wanted_status;
  connection->in_used = connection->out_used = 0;
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connection->fd < 0) return -1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  /* Done at once, unless so many wait to be accepted that this one must come again in a second. */
  int failed = connect(connection->fd, (struct sockaddr *)&address, sizeof address) < 0;
  if (failed && errno != EINPROGRESS) return -1;
  int on = 1;
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = data};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) < 0) return -1;
  return connection_send(connection, (const uint8_t *)request, strlen(request));
}

/* The answer to the request. Returns its bytes, or 0 when it is not whole yet. */
static size_t take_answer(struct connection *connection) {
  uint8_t *blank = memmem(connection->in, connection->in_used, "\r\n\r\n", 4);
  if (blank == NULL) return 0;
  if (connection->in_used > 12) connection->http_status = atoi((const char *)connection->in + 9);
  if (connection->http_status != connection->wanted_status) {
    end(connection);
    return 0;
  }
  connection->state = CONNECTION_OPEN;
  return (size_t)(blank + 4 - connection->in);
}

void connection_receive(struct connection *connection, connection_taker take, void *context) {
  while (connection->state != CONNECTION_CLOSED) {
    size_t room = CONNECTION_IN_BYTES - connection->in_used;
    ssize_t received = recv(connection->fd, connection->in + connection->in_used, room, MSG_DONTWAIT);
    if (received < 0 && errno == EAGAIN) return;
    if (received <= 0) {
      end(connection);
      return;
    }
    connection->in_used += (size_t)received;
    size_t from = connection->state == CONNECTION_OPENING ? take_answer(connection) : 0;
    if (connection->state != CONNECTION_OPEN) continue;
    while (from < connection->in_used) {
      size_t taken = take(context, connection->in + from, connection->in_used - from);
      if (taken == 0) break;
      from += taken;
    }
    connection->in_used -= from;
    memmove(connection->in, connection->in + from, connection->in_used);
    if ((size_t)received < room) return; /* an edge-triggered event follows with the next bytes */
  }
}

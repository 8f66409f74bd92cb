#define _GNU_SOURCE
#include "websocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define OPCODE_PONG 10
#define HEADER_BYTES 8 /* of a masked message up to 64 KiB: 2, 2 of length, 4 of mask */

static void end(struct websocket *socket) {
  if (socket->state == WEBSOCKET_CLOSED) return;
  socket->state = WEBSOCKET_CLOSED;
  close(socket->fd);
}

/* Sends bytes, keeping what the kernel does not take. Returns -1 when there is no room for it. */
static int put(struct websocket *socket, const uint8_t *bytes, size_t length) {
  if (socket->out_used > 0 && socket->out_used + length > WEBSOCKET_OUT_BYTES) return -1;
  ssize_t sent = 0;
  if (socket->out_used == 0) {
    sent = send(socket->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == (ssize_t)length) return 0;
    if (sent < 0 && errno != EAGAIN) {
      end(socket);
      return -1;
    }
    if (sent < 0) sent = 0;
    if (socket->out == NULL) socket->out = malloc(WEBSOCKET_OUT_BYTES);
  }
  memcpy(socket->out + socket->out_used, bytes + sent, length - (size_t)sent);
  socket->out_used += length - (size_t)sent;
  return 0;
}

int websocket_open(struct websocket *ws, int epoll_fd, void *data, int port, const char *path) {
  ws->state = WEBSOCKET_CONNECTING;
  ws->in_used = ws->out_used = 0;
  ws->mask_seed = 0x9e3779b9u * (uint32_t)(1 + (uintptr_t)data / 64);
  ws->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (ws->fd < 0) return -1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  /* Blocks, but not for long: the kernel accepts for a busy server. */
  if (connect(ws->fd, (struct sockaddr *)&address, sizeof address) < 0) return -1;
  int on = 1;
  setsockopt(ws->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = data};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ws->fd, &event) < 0) return -1;
  char request[1024];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: ZWFyc2hvdC1iZW5jaC0wMQ==\r\n\r\n",
                        path, port);
  return put(ws, (const uint8_t *)request, (size_t)length);
}

int websocket_send(struct websocket *socket, int opcode, const void *payload, size_t length) {
  if (socket->state != WEBSOCKET_OPEN || length > WEBSOCKET_MESSAGE_BYTES) return -1;
  uint8_t frame[HEADER_BYTES + WEBSOCKET_MESSAGE_BYTES + 8];
  uint8_t *at = frame;
  *at++ = (uint8_t)(0x80 | opcode);
  if (length < 126) {
    *at++ = (uint8_t)(0x80 | length);
  } else {
    *at++ = 0x80 | 126;
    *at++ = (uint8_t)(length >> 8);
    *at++ = (uint8_t)length;
  }
  socket->mask_seed = socket->mask_seed * 1664525u + 1013904223u;
  memcpy(at, &socket->mask_seed, 4);
  at += 4;
  memcpy(at, payload, length);
  uint64_t mask = (uint64_t)socket->mask_seed << 32 | socket->mask_seed, word;
  for (size_t i = 0; i < length; i += 8) {
    memcpy(&word, at + i, 8);
    word ^= mask;
    memcpy(at + i, &word, 8);
  }
  return put(socket, frame, (size_t)(at - frame) + length);
}

void websocket_flush(struct websocket *socket) {
  if (socket->out_used == 0 || socket->state == WEBSOCKET_CLOSED) return;
  ssize_t sent = send(socket->fd, socket->out, socket->out_used, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent <= 0) return;
  socket->out_used -= (size_t)sent;
  memmove(socket->out, socket->out + sent, socket->out_used);
}

/* Takes one message off `in[from..]`. Returns its bytes, or 0 when it is not whole yet. */
static size_t take(struct websocket *socket, size_t from, websocket_handler handler, void *context) {
  const uint8_t *frame = socket->in + from;
  size_t available = socket->in_used - from, header = 2;
  if (available < header) return 0;
  size_t length = frame[1] & 127;
  if (length == 126) {
    header = 4;
    if (available < header) return 0;
    length = (size_t)frame[2] << 8 | frame[3];
  } else if (length == 127) {
    length = SIZE_MAX / 2; /* never fits: the connection ends below */
  }
  if (header + length > WEBSOCKET_IN_BYTES) {
    fprintf(stderr, "Cannot receive: a message is longer than %d bytes\n", WEBSOCKET_IN_BYTES);
    exit(1);
  }
  if (available < header + length) return 0;
  int opcode = frame[0] & 15;
  if (opcode == OPCODE_PING) websocket_send(socket, OPCODE_PONG, frame + header, length);
  else handler(context, opcode, frame + header, length);
  return header + length;
}

/* The answer to the upgrade. Returns its bytes, or 0 when it is not whole yet. */
static size_t take_answer(struct websocket *socket) {
  uint8_t *blank = memmem(socket->in, socket->in_used, "\r\n\r\n", 4);
  if (blank == NULL) return 0;
  if (socket->in_used > 12) socket->http_status = atoi((const char *)socket->in + 9);
  if (socket->http_status != 101) {
    end(socket);
    return 0;
  }
  socket->state = WEBSOCKET_OPEN;
  return (size_t)(blank + 4 - socket->in);
}

void websocket_receive(struct websocket *socket, websocket_handler handler, void *context) {
  while (socket->state != WEBSOCKET_CLOSED) {
    size_t room = WEBSOCKET_IN_BYTES - socket->in_used;
    ssize_t received = recv(socket->fd, socket->in + socket->in_used, room, MSG_DONTWAIT);
    if (received < 0 && errno == EAGAIN) return;
    if (received <= 0) {
      end(socket);
      return;
    }
    socket->in_used += (size_t)received;
    size_t from = socket->state == WEBSOCKET_CONNECTING ? take_answer(socket) : 0;
    if (socket->state != WEBSOCKET_OPEN) continue;
    for (size_t taken; (taken = take(socket, from, handler, context)) > 0;) from += taken;
    socket->in_used -= from;
    memmove(socket->in, socket->in + from, socket->in_used);
    if ((size_t)received < room) return; /* an edge-triggered event follows with the next bytes */
  }
}

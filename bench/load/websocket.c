#include "websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPCODE_PONG 10
#define HEADER_BYTES 8 /* of a masked message up to 64 KiB: 2, 2 of length, 4 of mask */
#define SWITCHING_PROTOCOLS 101

int websocket_open(struct websocket *socket, int epoll_fd, void *data, int port, const char *path) {
  socket->mask_seed = 0x9e3779b9u * (uint32_t)(1 + (uintptr_t)data / 64);
  char request[1024];
  snprintf(request, sizeof request,
           "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: ZWFyc2hvdC1iZW5jaC0wMQ==\r\n\r\n",
           path, port);
  return connection_open(&socket->connection, epoll_fd, data, port, request, SWITCHING_PROTOCOLS);
}

int websocket_send(struct websocket *socket, int opcode, const void *payload, size_t length) {
  if (socket->connection.state != CONNECTION_OPEN || length > WEBSOCKET_MESSAGE_BYTES) return -1;
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
  return connection_send(&socket->connection, frame, (size_t)(at - frame) + length);
}

struct reading {
  struct websocket *socket;
  websocket_handler handler;
  void *context;
};

/* Takes one message off the front. Returns its bytes, or 0 when it is not whole yet. */
static size_t take(void *context, const uint8_t *frame, size_t available) {
  const struct reading *reading = context;
  size_t header = 2;
  if (available < header) return 0;
  size_t length = frame[1] & 127;
  if (length == 126) {
    header = 4;
    if (available < header) return 0;
    length = (size_t)frame[2] << 8 | frame[3];
  } else if (length == 127) {
    length = SIZE_MAX / 2; /* never fits: the program ends below */
  }
  if (header + length > CONNECTION_IN_BYTES) {
    fprintf(stderr, "Cannot receive: a message is longer than %d bytes\n", CONNECTION_IN_BYTES);
    exit(1);
  }
  if (available < header + length) return 0;
  int opcode = frame[0] & 15;
  if (opcode == OPCODE_PING) websocket_send(reading->socket, OPCODE_PONG, frame + header, length);
  else reading->handler(reading->context, opcode, frame + header, length);
  return header + length;
}

void websocket_receive(struct websocket *socket, websocket_handler handler, void *context) {
  struct reading reading = {socket, handler, context};
  connection_receive(&socket->connection, take, &reading);
}

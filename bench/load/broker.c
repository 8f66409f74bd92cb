#include "broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HTTP_OK 200
#define CONNECT "CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1}\r\n"
#define SUBSCRIBE "SUB earshot 1\r\n"
#define PONG "PONG\r\n"
#define LINE_END 2

int is_broker(const struct options *options) {
  return options->format == FORMAT_NATS || options->format == FORMAT_ICECAST;
}

int broker_open_publisher(struct call *call) {
  const struct load *load = call->load;
  int port = load->options.port;
  if (load->options.format == FORMAT_NATS) {
    return websocket_open(&call->socket, load->epoll_fd, call, port, "/");
  }
  /* Its user is source, its password earshot. */
  static const char request[] =
      "PUT /earshot HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: audio/mpeg\r\n"
      "Authorization: Basic c291cmNlOmVhcnNob3Q=\r\n\r\n";
  return connection_open(&call->socket.connection, load->epoll_fd, call, port, request, HTTP_OK);
}

int broker_open_listener(struct listener *listener, void *data) {
  const struct load *load = listener->load;
  int port = load->options.port;
  listener->nats = (struct nats_reader){0};
  listener->bytes = 0;
  if (load->options.format == FORMAT_NATS) {
    return websocket_open(&listener->socket, load->epoll_fd, data, port, "/");
  }
  static const char request[] = "GET /earshot HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  return connection_open(&listener->socket.connection, load->epoll_fd, data, port, request, HTTP_OK);
}

int broker_publish(struct call *call) {
  const struct load *load = call->load;
  size_t length = frame_bytes(&load->options);
  const uint8_t *frame = load->user.chunks[call->sequence++ % SPEECH_CHUNKS];
  if (load->options.format == FORMAT_ICECAST) {
    struct connection *connection = &call->socket.connection;
    return connection->state == CONNECTION_OPEN ? connection_send(connection, frame, length) : -1;
  }
  uint8_t message[WEBSOCKET_MESSAGE_BYTES];
  int head = snprintf((char *)message, sizeof message, "PUB earshot %zu\r\n", length);
  memcpy(message + head, frame, length);
  memcpy(message + head + length, "\r\n", LINE_END);
  return websocket_send(&call->socket, OPCODE_BINARY, message, (size_t)head + length + LINE_END);
}

static void say(struct websocket *socket, const char *text) {
  websocket_send(socket, OPCODE_BINARY, text, strlen(text));
}

/* Does what a line asks for; `greeting` answers the server's first one. */
static void take_line(struct nats_reader *nats, struct websocket *socket, const char *greeting) {
  nats->line[nats->line_chars] = 0;
  nats->line_chars = 0;
  if (!strncmp(nats->line, "INFO", 4)) {
    say(socket, greeting);
  } else if (!strncmp(nats->line, "PING", 4)) {
    say(socket, PONG);
  } else if (!strncmp(nats->line, "MSG ", 4)) {
    nats->payload_bytes = strtoul(strrchr(nats->line, ' '), NULL, 10);
    nats->left = nats->payload_bytes + LINE_END;
  } else if (!strncmp(nats->line, "-ERR", 4)) {
    fprintf(stderr, "Cannot go on: nats-server says %s\n", nats->line);
    exit(1);
  }
}

/* Reads on to the end of a line or of a payload. Returns the bytes read. */
static size_t take_some(struct nats_reader *nats, struct websocket *socket, const char *greeting,
                        const uint8_t *bytes, size_t length) {
  if (nats->left > 0) {
    size_t taken = length < nats->left ? length : nats->left;
    nats->left -= taken;
    return taken;
  }
  const uint8_t *end = memchr(bytes, '\n', length);
  size_t taken = end == NULL ? length : (size_t)(end + 1 - bytes);
  size_t room = sizeof nats->line - 1 - nats->line_chars;
  size_t kept = taken < room ? taken : room;
  memcpy(nats->line + nats->line_chars, bytes, kept);
  nats->line_chars += kept;
  if (end != NULL) take_line(nats, socket, greeting);
  return taken;
}

static void take_publishers(void *context, int opcode, const uint8_t *bytes, size_t length) {
  struct call *call = context;
  (void)opcode;
  for (size_t taken; length > 0; bytes += taken, length -= taken) {
    taken = take_some(&call->nats, &call->socket, CONNECT, bytes, length);
  }
}

static void take_listeners(void *context, int opcode, const uint8_t *bytes, size_t length) {
  struct listener *listener = context;
  struct nats_reader *nats = &listener->nats;
  (void)opcode;
  for (size_t taken; length > 0; bytes += taken, length -= taken) {
    int was_payload = nats->left > 0;
    taken = take_some(nats, &listener->socket, CONNECT SUBSCRIBE, bytes, length);
    if (!was_payload || nats->left > 0) continue;
    if (nats->payload_bytes == frame_bytes(&listener->load->options)) listener_count(listener);
    else listener->load->other_messages++;
  }
}

static size_t take_stream(void *context, const uint8_t *bytes, size_t length) {
  struct listener *listener = context;
  (void)bytes;
  size_t frame = frame_bytes(&listener->load->options);
  for (listener->bytes += length; listener->bytes >= frame; listener->bytes -= frame) {
    listener_count(listener);
  }
  return length;
}

static size_t ignore(void *context, const uint8_t *bytes, size_t length) {
  (void)context, (void)bytes;
  return length;
}

void broker_publisher_receive(struct call *call) {
  if (call->load->options.format == FORMAT_NATS) {
    websocket_receive(&call->socket, take_publishers, call);
  } else {
    connection_receive(&call->socket.connection, ignore, NULL);
  }
}

void broker_listener_receive(struct listener *listener) {
  if (listener->load->options.format == FORMAT_NATS) {
    websocket_receive(&listener->socket, take_listeners, listener);
  } else {
    connection_receive(&listener->socket.connection, take_stream, listener);
  }
}

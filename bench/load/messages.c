#include "messages.h"

#include <stdio.h>
#include <string.h>

#include "broker.h"

#define CHUNK_MS 20
#define MAX_START_CHARS 1024

static void count(struct load *load, int failed, int64_t due_ns) {
  if (!load->is_measuring) return;
  if (failed) load->messages_refused++;
  else load->messages_sent++;
  histogram_add(&load->send_lateness, now_ns() - due_ns);
}

static void send_counted(struct call *call, int opcode, const void *data, size_t length, int64_t due_ns) {
  count(call->load, websocket_send(&call->socket, opcode, data, length) < 0, due_ns);
}

void ingest_path(const struct call *call, char *path, size_t size) {
  const struct options *options = &call->load->options;
  if (options->format == FORMAT_TWILIO) snprintf(path, size, "/ingest/twilio");
  else snprintf(path, size, "/ingest/pcm?token=%s", options->token);
}

void make_speech(struct load *load) {
  static const struct { enum speech_encoding encoding; int rate_hz; } sides[][2] = {
      [FORMAT_TWILIO] = {{SPEECH_MULAW, 8000}, {SPEECH_MULAW, 8000}},
      [FORMAT_PCM_16K] = {{SPEECH_PCM, 16000}, {SPEECH_PCM, 16000}},
      [FORMAT_BOT_24K] = {{SPEECH_MULAW, 8000}, {SPEECH_PCM, 24000}},
      /* Chunks as long as a frame, at least: a broker does not ask what is in it. */
      [FORMAT_NATS] = {{SPEECH_PCM, 24000}, {SPEECH_PCM, 24000}},
      [FORMAT_ICECAST] = {{SPEECH_PCM, 24000}, {SPEECH_PCM, 24000}},
  };
  enum format format = load->options.format;
  speech_make(&load->user, 120, sides[format][0].encoding, sides[format][0].rate_hz);
  speech_make(&load->bot, 210, sides[format][1].encoding, sides[format][1].rate_hz);
}

static int twilio_start(struct call *call, char *text) {
  const struct options *options = &call->load->options;
  return snprintf(
      text, MAX_START_CHARS,
      "{\"event\":\"start\",\"sequenceNumber\":\"1\",\"start\":{\"streamSid\":\"MZ%032d\","
      "\"accountSid\":\"AC%032d\",\"callSid\":\"CA%032d\",\"tracks\":[\"inbound\",\"outbound\"],"
      "\"customParameters\":{\"token\":\"%s\",\"live\":\"true\",\"recording\":\"%s\"},"
      "\"mediaFormat\":{\"encoding\":\"audio/x-mulaw\",\"sampleRate\":8000,\"channels\":1}},"
      "\"streamSid\":\"MZ%032d\"}",
      call->number, 0, call->number, options->token, options->is_recorded ? "true" : "false",
      call->number);
}

static int pcm_start(struct call *call, char *text) {
  const struct options *options = &call->load->options;
  int is_wide = options->format == FORMAT_PCM_16K;
  return snprintf(
      text, MAX_START_CHARS,
      "{\"type\":\"start\",\"callId\":\"CA%032d\",\"sampleRate\":%d,\"tracks\":{"
      "\"user\":{\"encoding\":\"%s\",\"sampleRate\":%d},"
      "\"bot\":{\"encoding\":\"pcm_s16le\",\"sampleRate\":%d}},"
      "\"media\":{\"live\":true,\"recording\":%s}}",
      call->number, is_wide ? 16000 : 8000, is_wide ? "pcm_s16le" : "mulaw",
      is_wide ? 16000 : 8000, is_wide ? 16000 : 24000, options->is_recorded ? "true" : "false");
}

void send_start(struct call *call, int64_t due_ns) {
  if (is_broker(&call->load->options)) return;
  static const char connected[] = "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}";
  int is_twilio = call->load->options.format == FORMAT_TWILIO;
  if (is_twilio) send_counted(call, OPCODE_TEXT, connected, sizeof connected - 1, due_ns);
  char text[MAX_START_CHARS];
  int length = is_twilio ? twilio_start(call, text) : pcm_start(call, text);
  call->sequence = 1;
  send_counted(call, OPCODE_TEXT, text, (size_t)length, due_ns);
}

void send_frame(struct call *call, int64_t due_ns) {
  count(call->load, broker_publish(call) < 0, due_ns);
}

void send_chunk(struct call *call, int is_bot, int64_t chunk, int64_t due_ns) {
  const struct speech *speech = is_bot ? &call->load->bot : &call->load->user;
  /* Every call is somewhere else in the same words. */
  int64_t number = (chunk + 37 * call->number) % SPEECH_CHUNKS;
  if (call->load->options.format != FORMAT_TWILIO) {
    uint8_t message[1 + SPEECH_CHUNK_BYTES];
    message[0] = (uint8_t)is_bot;
    memcpy(message + 1, speech->chunks[number], speech->bytes);
    send_counted(call, OPCODE_BINARY, message, 1 + speech->bytes, due_ns);
    return;
  }
  char text[WEBSOCKET_MESSAGE_BYTES];
  int length = snprintf(text, sizeof text,
                        "{\"event\":\"media\",\"sequenceNumber\":\"%llu\",\"media\":{\"track\":\"%s\","
                        "\"chunk\":\"%lld\",\"timestamp\":\"%lld\",\"payload\":\"%.*s\"},"
                        "\"streamSid\":\"MZ%032d\"}",
                        (unsigned long long)++call->sequence, is_bot ? "outbound" : "inbound",
                        (long long)chunk, (long long)(chunk - 1) * CHUNK_MS, SPEECH_PAYLOAD_CHARS,
                        speech->payloads[number], call->number);
  send_counted(call, OPCODE_TEXT, text, (size_t)length, due_ns);
}

#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(const char *name, const char *value) {
  fprintf(stderr, "Cannot start load generator: %s does not take %s\n", name, value);
  exit(2);
}

static double number(const char *name, const char *text, double least, double most) {
  char *end;
  double value = strtod(text, &end);
  if (*text == 0 || *end != 0 || !(value >= least && value <= most)) refuse(name, text);
  return value;
}

static enum format format(const char *name, const char *text) {
  static const char *const names[] = {"twilio", "pcm16k", "bot24k", "nats", "icecast"};
  for (int i = 0; i < 5; i++) {
    if (!strcmp(text, names[i])) return (enum format)i;
  }
  refuse(name, text);
  return FORMAT_TWILIO;
}

void read_options(struct options *options, int argc, char **argv) {
  *options = (struct options){
      .listeners_per_call = 1, .is_recorded = 1, .warmup_seconds = 6, .seconds = 6};
  for (int i = 1; i < argc; i += 2) {
    const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "nothing";
    if (!strcmp(name, "--port")) options->port = (int)number(name, value, 1, 65535);
    else if (!strcmp(name, "--calls")) options->calls = (int)number(name, value, 1, 5000);
    else if (!strcmp(name, "--listeners"))
      options->listeners_per_call = (int)number(name, value, 0, 5000);
    else if (!strcmp(name, "--format")) options->format = format(name, value);
    else if (!strcmp(name, "--recording")) options->is_recorded = (int)number(name, value, 0, 1);
    else if (!strcmp(name, "--warmup")) options->warmup_seconds = number(name, value, 0, 3600);
    else if (!strcmp(name, "--seconds")) options->seconds = number(name, value, 0.1, 3600);
    else if (!strcmp(name, "--token")) options->token = value;
    else refuse(name, value);
  }
  if (options->port == 0 || options->calls == 0 || options->token == NULL) {
    fprintf(stderr, "Cannot start load generator: give --port, --calls and --token\n");
    exit(2);
  }
}

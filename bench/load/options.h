/* What the load generator is asked to do. */
#ifndef OPTIONS_H
#define OPTIONS_H

/* What the calls send: Twilio's JSON, 16-bit PCM of 16 kHz, a bot of 24 kHz in a call of 8 kHz, or
   finished frames to a broker. */
enum format { FORMAT_TWILIO, FORMAT_PCM_16K, FORMAT_BOT_24K, FORMAT_NATS, FORMAT_ICECAST };

struct options {
  int port;
  int calls;
  int listeners_per_call;
  int is_recorded;
  enum format format;
  double warmup_seconds; /* between the start of the last call and the measurement */
  double seconds;        /* measured */
  const char *token;     /* API key: in the start message and in the listeners' URL */
};

/* Fills `options` from the command line; ends the process with a line on stderr if it is wrong. */
void read_options(struct options *options, int argc, char **argv);

#endif

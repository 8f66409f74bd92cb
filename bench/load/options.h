/* What the load generator is asked to do. */
#ifndef OPTIONS_H
#define OPTIONS_H

struct options {
  int port;
  int calls;
  int listeners_per_call;
  int is_recorded;
  double warmup_seconds; /* between the start of the last call and the measurement */
  double seconds;        /* measured */
  const char *token;     /* API key: in the start message and in the listeners' URL */
};

/* Fills `options` from the command line; ends the process with a line on stderr if it is wrong. */
void read_options(struct options *options, int argc, char **argv);

#endif

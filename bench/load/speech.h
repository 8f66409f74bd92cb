/* Sound that looks like speech to a codec, made ahead of time in chunks of 20 ms. */
#ifndef SPEECH_H
#define SPEECH_H

#include <stddef.h>
#include <stdint.h>

#define SPEECH_CHUNKS 500        /* 10 s */
#define SPEECH_CHUNK_BYTES 960   /* the longest: 20 ms of 16-bit PCM at 24 kHz */
#define SPEECH_PAYLOAD_CHARS 216 /* base64 of 160 bytes of mu-law */

enum speech_encoding { SPEECH_MULAW, SPEECH_PCM };

struct speech {
  size_t bytes; /* of a chunk */
  uint8_t chunks[SPEECH_CHUNKS][SPEECH_CHUNK_BYTES];
  /* The same in base64, as Twilio has it; of mu-law alone. */
  char payloads[SPEECH_CHUNKS][SPEECH_PAYLOAD_CHARS];
};

/* Syllables on a voice of `pitch_hz`, with pauses of faint noise; the same in every run. */
void speech_make(struct speech *speech, double pitch_hz, enum speech_encoding encoding, int rate_hz);

/* Whether 10 ms or more of 50 are nothing but zeros: in speech from here there is always some noise. */
int speech_has_hole(const uint8_t *frame, size_t length);

#endif

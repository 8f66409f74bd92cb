/* Sound that looks like speech to a codec, made ahead of time as Twilio's base64 payloads. */
#ifndef SPEECH_H
#define SPEECH_H

#define SPEECH_PAYLOADS 500      /* 10 s in chunks of 20 ms */
#define SPEECH_PAYLOAD_CHARS 216 /* base64 of 160 bytes of mu-law */

struct speech {
  char payloads[SPEECH_PAYLOADS][SPEECH_PAYLOAD_CHARS];
};

/* Syllables on a voice of `pitch_hz`, with pauses of faint noise; the same in every run. */
void speech_make(struct speech *speech, double pitch_hz);

#endif

#include "speech.h"

#include <math.h>

#define CHUNKS_PER_SECOND 50

/* G.711 mu-law: segment by the leading one of the biased 14-bit magnitude, all bits inverted. */
static uint8_t mulaw(int sample) {
  int sign = sample < 0 ? 0x80 : 0;
  int magnitude = ((sample < 0 ? ~sample : sample) >> 2) + 33;
  if (magnitude > 0x1fff) magnitude = 0x1fff;
  int segment = 26 - __builtin_clz((unsigned)magnitude);
  return (uint8_t) ~(sign | segment << 4 | (magnitude >> (segment + 1) & 15));
}

/* Harmonics of the voice, louder around a formant that wanders, in syllables of 250 ms. */
static int sample_at(double seconds, double pitch_hz, uint32_t *noise) {
  *noise = *noise * 1664525u + 1013904223u;
  double hiss = ((int)(*noise >> 16) - 32768) / 32768.0;
  /* Three syllables out of four are spoken. */
  double syllable = seconds * 4, within = syllable - floor(syllable);
  double loudness = (int)syllable % 4 == 3 ? 0 : sin(M_PI * within);
  double formant_hz = 700 + 400 * sin(seconds * 5);
  double sum = 0;
  for (int harmonic = 1; harmonic * pitch_hz < 3400; harmonic++) {
    double distance = (harmonic * pitch_hz - formant_hz) / 500;
    sum += sin(2 * M_PI * harmonic * pitch_hz * seconds) / (1 + distance * distance);
  }
  return (int)(2500 * loudness * sum + 20 * hiss);
}

static void base64(const uint8_t *bytes, int length, char *text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < length; i += 3) {
    uint32_t group = (uint32_t)bytes[i] << 16;
    if (i + 1 < length) group |= (uint32_t)bytes[i + 1] << 8;
    if (i + 2 < length) group |= bytes[i + 2];
    *text++ = digits[group >> 18];
    *text++ = digits[group >> 12 & 63];
    *text++ = i + 1 < length ? digits[group >> 6 & 63] : '=';
    *text++ = i + 2 < length ? digits[group & 63] : '=';
  }
}

void speech_make(struct speech *speech, double pitch_hz, enum speech_encoding encoding, int rate_hz) {
  uint32_t noise = 1;
  int samples = rate_hz / CHUNKS_PER_SECOND;
  speech->bytes = (size_t)(encoding == SPEECH_PCM ? 2 * samples : samples);
  for (int chunk = 0; chunk < SPEECH_CHUNKS; chunk++) {
    uint8_t *bytes = speech->chunks[chunk];
    for (int i = 0; i < samples; i++) {
      int sample = sample_at((double)(chunk * samples + i) / rate_hz, pitch_hz, &noise);
      sample = sample > 32000 ? 32000 : sample < -32000 ? -32000 : sample;
      if (encoding == SPEECH_MULAW) {
        bytes[i] = mulaw(sample);
      } else {
        bytes[2 * i] = (uint8_t)sample;
        bytes[2 * i + 1] = (uint8_t)(sample >> 8);
      }
    }
    if (encoding == SPEECH_MULAW) base64(bytes, samples, speech->payloads[chunk]);
  }
}

int speech_has_hole(const uint8_t *frame, size_t length) {
  size_t least = length / 5;
  /* One byte in so many lies in every hole of that length: only around a zero is there one to look for. */
  for (size_t probe = least - 1; probe < length; probe += least) {
    size_t from = probe, to = probe;
    while (from > 0 && frame[from] == 0) from--;
    while (to < length && frame[to] == 0) to++;
    if (to > from + least) return 1;
  }
  return 0;
}

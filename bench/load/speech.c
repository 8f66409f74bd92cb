#include "speech.h"

#include <math.h>
#include <stdint.h>

#define RATE_HZ 8000
#define CHUNK_BYTES 160

/* G.711 mu-law: segment by the leading one of the biased 14-bit magnitude, all bits inverted. */
static uint8_t mulaw(int sample) {
  int sign = sample < 0 ? 0x80 : 0;
  int magnitude = ((sample < 0 ? ~sample : sample) >> 2) + 33;
  if (magnitude > 0x1fff) magnitude = 0x1fff;
  int segment = 26 - __builtin_clz((unsigned)magnitude);
  return (uint8_t) ~(sign | segment << 4 | (magnitude >> (segment + 1) & 15));
}

/* Harmonics of the voice, louder around a formant that wanders, in syllables of 250 ms. */
static int sample_at(int index, double pitch_hz, uint32_t *noise) {
  double seconds = (double)index / RATE_HZ;
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

void speech_make(struct speech *speech, double pitch_hz) {
  uint32_t noise = 1;
  for (int chunk = 0; chunk < SPEECH_PAYLOADS; chunk++) {
    uint8_t bytes[CHUNK_BYTES];
    for (int i = 0; i < CHUNK_BYTES; i++) {
      int sample = sample_at(chunk * CHUNK_BYTES + i, pitch_hz, &noise);
      bytes[i] = mulaw(sample > 32000 ? 32000 : sample < -32000 ? -32000 : sample);
    }
    base64(bytes, CHUNK_BYTES, speech->payloads[chunk]);
  }
}

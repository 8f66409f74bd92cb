import assert from "node:assert/strict";
import { createDecoder, type Encoding, type TrackFormat } from "../../mixer/decode.ts";
import { run, testWith } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";
import { decibels, fitTone, noise, tone } from "./tones.ts";

const ENCODINGS: Encoding[] = ["pcm_s16le", "mulaw", "alaw"];

/** `samples` as bytes that begin at an odd byte, as they do behind a track byte. */
function behindTrackByte(samples: Int16Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(1 + samples.byteLength);
  const view = new DataView(message.buffer);
  samples.forEach((sample, i) => view.setInt16(1 + 2 * i, sample, true));
  return message.subarray(1);
}

Deno.test("Decoder.decode() reads PCM at the call's rate bit by bit, at any byte offset", () => {
  const samples = noise(800, 1);
  for (const callRateHz of [8000, 16000]) {
    const decoder = createDecoder({ encoding: "pcm_s16le", sampleRate: callRateHz }, callRateHz);
    const odd = behindTrackByte(samples);
    assert.equal(odd.byteOffset % 2, 1);
    assert.deepEqual(decoder.decode(odd), samples);
    assert.deepEqual(decoder.decode(odd.slice()), samples);
    assert.equal(decoder.heldSamples, 0);
    assert.equal(decoder.flush().length, 0);
  }
});

for (const [encoding, sox] of [["mulaw", "u-law"], ["alaw", "a-law"]] as const) {
  testWith(["sox"], `Decoder.decode() decodes ${encoding} as sox does`, async () => {
    const codes = Uint8Array.from(noise(160, 2), (sample) => sample & 255);
    const input = ["-t", "raw", "-e", sox, "-b", "8", "-r", "8000", "-c", "1", "-"];
    const output = ["-t", "raw", "-e", "signed", "-b", "16", "-L", "-"];
    const bytes = await run("sox", ["-D", ...input, ...output], codes);
    const decoder = createDecoder({ encoding, sampleRate: 8000 }, 8000);
    assert.deepEqual(decoder.decode(codes), new Int16Array(bytes.slice().buffer));
  });
}

for (const callRateHz of [8000, 16000]) {
  for (const sampleRate of [8000, 16000, 24000, 44100, 48000]) {
    Deno.test(`Decoder brings PCM of ${sampleRate} Hz to ${callRateHz}, tail included`, () => {
      const decoder = createDecoder({ encoding: "pcm_s16le", sampleRate }, callRateHz);
      const chunks: number[] = [];
      const samples = tone(1000, sampleRate, sampleRate / 5);
      for (let at = 0; at < samples.length; at += 333) {
        chunks.push(...decoder.decode(behindTrackByte(samples.subarray(at, at + 333))));
      }
      assert.equal(chunks.length + decoder.heldSamples, callRateHz / 5);
      chunks.push(...decoder.flush());
      const output = Int16Array.from(chunks);
      assert.equal(output.length, callRateHz / 5);
      const { amplitude, phase } = fitTone(output, 1000, callRateHz, 200, output.length - 200);
      assert.ok(Math.abs(decibels(amplitude, 32000)) < 0.05 && Math.abs(phase) < 1e-3);
    });
  }
}

Deno.test("Decoder.decode() gives the same samples wherever the bytes are cut", () => {
  const random = seededRandom(20260105);
  for (const sampleRate of [8000, 24000]) {
    const bytes = new Uint8Array(noise(6000, 3).buffer);
    const format: TrackFormat = { encoding: "pcm_s16le", sampleRate };
    const whole = createDecoder(format, 8000).decode(bytes).slice();
    for (let round = 0; round < 50; round++) {
      const decoder = createDecoder(format, 8000);
      const decoded: number[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = Math.min(bytes.length, at + Math.floor(random() * 700));
        decoded.push(...decoder.decode(bytes.subarray(at, end)));
        at = end;
      }
      assert.deepEqual(Int16Array.from(decoded), whole);
    }
  }
});

Deno.test("Decoder.decode() goes on within a sample after a pause only with what is not whole", () => {
  const decoder = createDecoder({ encoding: "pcm_s16le", sampleRate: 8000 }, 8000);
  const bytes = new Uint8Array(Int16Array.of(300, 301, 302, 303).buffer);
  assert.deepEqual([...decoder.decode(bytes.subarray(0, 3))], [300]);
  assert.deepEqual([...decoder.decode(bytes.subarray(3, 8), true)], [301, 302, 303]);
  decoder.decode(bytes.subarray(0, 3));
  assert.deepEqual([...decoder.decode(bytes, true)], [300, 301, 302, 303], "another utterance");
  decoder.decode(bytes.subarray(0, 3));
  decoder.flush();
  assert.deepEqual([...decoder.decode(bytes.subarray(3, 6))], [301, 302], "a gap within a stream");
  decoder.reset();
  assert.deepEqual([...decoder.decode(bytes)], [300, 301, 302, 303], "another stream");
});

Deno.test("Decoder.decode() takes 1 MiB and not one sample more", () => {
  for (const encoding of ENCODINGS) {
    const decoder = createDecoder({ encoding, sampleRate: 8000 }, 8000);
    const samples = 2 ** 20 / (encoding === "pcm_s16le" ? 2 : 1);
    assert.equal(decoder.decode(new Uint8Array(2 ** 20)).length, samples);
    assert.throws(() => decoder.decode(new Uint8Array(2 ** 20 + 2)), {
      name: "RangeError",
      message: `Cannot decode ${encoding}: payload must be at most 1048576 bytes, received ` +
        "1048578. Send it in smaller messages",
    });
  }
});

Deno.test("Decoder.decode() answers nothing for an empty payload", () => {
  for (const encoding of ENCODINGS) {
    for (const sampleRate of [8000, 44100]) {
      const decoder = createDecoder({ encoding, sampleRate }, 8000);
      assert.equal(decoder.decode(new Uint8Array(0)).length, 0);
      assert.equal(decoder.flush().length, 0);
    }
  }
});

Deno.test("Decoder.decode() answers the same array for payloads of the same length", () => {
  for (const encoding of ENCODINGS) {
    const decoder = createDecoder({ encoding, sampleRate: 8000 }, 8000);
    const first = decoder.decode(new Uint8Array(160).fill(1));
    assert.equal(decoder.decode(new Uint8Array(160).fill(2)), first);
    assert.equal(
      first[0],
      createDecoder({ encoding, sampleRate: 8000 }, 8000).decode(
        new Uint8Array(160).fill(2),
      )[0],
    );
  }
});

Deno.test("createDecoder() refuses rates and encodings it does not know", () => {
  assert.throws(() => createDecoder({ encoding: "alaw", sampleRate: 4000 }, 8000), {
    name: "RangeError",
    message:
      "Cannot decode alaw: sample rate must be a whole number from 8000 to 48000, received 4000",
  });
  assert.throws(() => createDecoder({ encoding: "alaw", sampleRate: 8000 }, 24000), RangeError);
  for (const name of ["opus", "toString"]) {
    assert.throws(() => createDecoder({ encoding: name as Encoding, sampleRate: 8000 }, 8000), {
      name: "RangeError",
      message: `Cannot decode: encoding must be pcm_s16le, mulaw or alaw, received ${name}`,
    });
  }
});

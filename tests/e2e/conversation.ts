import { run } from "../support/programs.ts";
import { toMulaw } from "../support/mulaw.ts";
import { speak } from "../support/speech.ts";

/** A conversation of two voices, as the tests send it and as it should be heard. */
export interface Conversation {
  /** Mu-law at 8 kHz, equally long. */
  readonly mulaw: { readonly user: Uint8Array; readonly bot: Uint8Array };
  /** The same, decoded by sox. */
  readonly pcm: { readonly user: Int16Array; readonly bot: Int16Array };
  /** Both, mixed by sox. */
  readonly mix: Int16Array;
}

const RATE = 8000;

/** Who says what, and when, in ms; the third line begins before the second has ended. */
const LINES = [
  { by: "bot", atMs: 400, text: "Good morning, this is the service desk. How can I help you?" },
  {
    by: "user",
    atMs: 4300,
    text: "Hello. My order has not arrived, and I have waited for ten days.",
  },
  { by: "bot", atMs: 7200, text: "I am sorry to hear that. Let me look it up for you." },
  { by: "user", atMs: 10_600, text: "The number is four seven one two nine." },
] as const;

const DURATION_MS = 14_000;

/** Speech of espeak-ng, brought to mu-law, decoded and mixed by sox. */
export async function makeConversation(): Promise<Conversation> {
  const lanes = { user: lane(), bot: lane() };
  for (const { by, atMs, text } of LINES) {
    const speech = await speak(text, { voice: by === "bot" ? "en-us+f3" : "en-gb+m2" });
    const at = (atMs * RATE) / 1000;
    lanes[by].set(speech.subarray(0, lanes[by].length - at), at);
  }
  const mulaw = { user: await toMulaw(lanes.user), bot: await toMulaw(lanes.bot) };
  const folder = await Deno.makeTempDir();
  try {
    for (const side of ["user", "bot"] as const) {
      await Deno.writeFile(`${folder}/${side}.ul`, mulaw[side]);
      await run("sox", ["-D", ...raw("u-law", 8), `${folder}/${side}.ul`, `${folder}/${side}.wav`]);
    }
    const decode = (side: string) =>
      run("sox", [`${folder}/${side}.wav`, ...raw("signed", 16), "-"]);
    const both = ["-m", "-v", "1", `${folder}/user.wav`, "-v", "1", `${folder}/bot.wav`];
    return {
      mulaw,
      pcm: { user: samples(await decode("user")), bot: samples(await decode("bot")) },
      mix: samples(await run("sox", ["-D", ...both, ...raw("signed", 16), "-"])),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Brings samples to another rate, by sox. */
export async function toRate(pcm: Int16Array, fromHz: number, toHz: number): Promise<Int16Array> {
  const format = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1"];
  const bytes = new Uint8Array(Int16Array.from(pcm).buffer);
  const effect = ["rate", "-v", String(toHz)];
  return samples(
    await run(
      "sox",
      ["-D", ...format, "-r", String(fromHz), "-", ...format, "-", ...effect],
      bytes,
    ),
  );
}

/** The samples of a WAV file, by Python's reader. */
export async function readWav(wav: Uint8Array<ArrayBuffer>): Promise<Int16Array> {
  const program = "import sys, wave, io\n" +
    "sys.stdout.buffer.write(wave.open(io.BytesIO(sys.stdin.buffer.read())).readframes(1 << 30))";
  return samples(await run("python3", ["-c", program], wav));
}

function lane(): Int16Array {
  return new Int16Array((DURATION_MS * RATE) / 1000);
}

function raw(encoding: string, bits: number): string[] {
  return ["-t", "raw", "-r", String(RATE), "-e", encoding, "-b", String(bits), "-c", "1"];
}

function samples(bytes: Uint8Array<ArrayBuffer>): Int16Array {
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

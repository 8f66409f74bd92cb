/**
 * A voice agent's connection to Earshot, in Deno. It brings a call's two sides into the server: the
 * user's microphone in small pieces as it is spoken, the bot's speech in large ones as a speech
 * synthesizer makes it. Halfway the user interrupts the bot (a barge-in).
 *
 *     deno run --allow-net --allow-env --allow-read examples/agent.ts --key KEY [user.wav bot.wav]
 *
 * Needs nothing but Deno and the client beside it. Without WAV files (16 bit, mono) it makes two tones. Options, each also
 * by environment: --url (EARSHOT_URL, http://127.0.0.1:8000), --key (EARSHOT_KEY), --call
 * (EARSHOT_CALL, an id of your choice; without one the server makes it).
 */
import { parseArgs } from "node:util";
import { Earshot } from "../client/mod.ts";

const { values: options, positionals: [userFile, botFile] } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string", default: Deno.env.get("EARSHOT_URL") ?? "http://127.0.0.1:8000" },
    key: { type: "string", default: Deno.env.get("EARSHOT_KEY") ?? "" },
    call: { type: "string", default: Deno.env.get("EARSHOT_CALL") ?? "" },
  },
});

interface Sound {
  sampleRate: number;
  /** 16-bit little-endian samples: two bytes each. */
  pcm: Uint8Array<ArrayBuffer>;
}

// The story of this call, in milliseconds since it began.
const FRAME_MS = 20;
const BOT_SPEAKS_MS = 500;
const USER_SPEAKS_MS = 2500;
/** A real agent needs a moment, too, to notice that the user speaks. */
const CLEAR_MS = 2800;
/** After the user's last word. */
const END_AFTER_MS = 700;

const user = userFile ? await readWav(userFile) : makeTone(330, 2);
const bot = botFile ? await readWav(botFile) : makeTone(220, 8);

// 1. Say who you are and what is coming: each side may have an encoding and a rate of its own.
const earshot = new Earshot({ url: options.url, apiKey: options.key });
const call = earshot.call({
  ...(options.call === "" ? {} : { id: options.call }),
  tracks: {
    user: { encoding: "pcm_s16le", sampleRate: user.sampleRate },
    bot: { encoding: "pcm_s16le", sampleRate: bot.sampleRate },
  },
  media: { live: true, recording: true },
  metadata: { agent: "example", direction: "inbound" },
});
let isOver = false;
call.closed.then(() => isOver = true);

// 2. The server's answer.
const { callId, playerUrl } = await call.started.catch((error) => {
  console.error(`${error.message}: is the server up, the key right?`);
  Deno.exit(1);
});
console.log(`call ${callId}`);
console.log(`listen at ${playerUrl}?token=${encodeURIComponent(options.key)}`);

// 3. The call. Every frame has its time from the start of the call, not from the frame before:
// small delays then never add up.
const begunMs = performance.now();
const userEndsMs = USER_SPEAKS_MS + lengthMs(user);
for (let nowMs = 0; nowMs < userEndsMs + END_AFTER_MS; nowMs += FRAME_MS) {
  if (nowMs === BOT_SPEAKS_MS) speak(bot, "Bot speaks.");
  if (nowMs === CLEAR_MS) call.clear();
  const waitMs = begunMs + nowMs + FRAME_MS - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  if (isOver) break;
  call.user.write(microphone(nowMs));
}

// 4. Hang up. This waits until all that was written has left.
const { code, message } = await call.end("hangup");
if (code !== "ended") console.error(`${code}: ${message}`);

/** The bot's whole sentence at once, as it comes from a synthesizer: the server plays it in time. */
function speak({ pcm }: Sound, text: string): void {
  call.transcript("bot", text);
  call.bot.write(pcm);
}

/** What the user's microphone hears in one frame: silence, unless the user speaks. */
function microphone(nowMs: number): Uint8Array {
  const byteAt = (ms: number) => 2 * Math.floor((ms * user.sampleRate) / 1000);
  const from = byteAt(nowMs - USER_SPEAKS_MS);
  const to = byteAt(nowMs - USER_SPEAKS_MS + FRAME_MS);
  return from >= 0 && to <= user.pcm.length
    ? user.pcm.subarray(from, to)
    : new Uint8Array(to - from);
}

function lengthMs({ sampleRate, pcm }: Sound): number {
  return (pcm.length / 2 / sampleRate) * 1000;
}

/** A tone that comes and goes twice a second. */
function makeTone(hertz: number, seconds: number): Sound {
  const sampleRate = 16000;
  const samples = new Int16Array(sampleRate * seconds);
  for (let i = 0; i < samples.length; i++) {
    const seconds = i / sampleRate;
    const swell = Math.sin(2 * Math.PI * seconds) ** 2;
    samples[i] = 8000 * swell * Math.sin(2 * Math.PI * hertz * seconds);
  }
  return { sampleRate, pcm: new Uint8Array(samples.buffer) };
}

/** Reads a WAV file: a header, then chunks of a name, a length and their contents. */
async function readWav(path: string): Promise<Sound> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  const nameAt = (at: number) => new TextDecoder("latin1").decode(bytes.subarray(at, at + 4));
  let sampleRate = 0;
  for (let at = 12; nameAt(0) === "RIFF" && at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (nameAt(at) === "fmt ") {
      const [format, channels, bits] = [0, 2, 14].map((n) => view.getUint16(body + n, true));
      if (format !== 1 || channels !== 1 || bits !== 16) break;
      sampleRate = view.getUint32(body + 4, true);
    }
    if (nameAt(at) === "data") return { sampleRate, pcm: bytes.slice(body, body + size) };
    at = body + size + (size % 2); // chunks begin at even places
  }
  throw new Error(`Cannot read ${path}: not a WAV file of 16-bit mono PCM (sox can make one)`);
}

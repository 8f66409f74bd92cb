/**
 * A voice agent's connection to Earshot, in Deno. It brings a call's two sides into the server: the
 * user's microphone in small pieces as it is spoken, the bot's speech in large ones as a speech
 * synthesizer makes it. Halfway the user interrupts the bot (a barge-in).
 *
 *     deno run --allow-net --allow-env --allow-read examples/agent.ts --key KEY [user.wav bot.wav]
 *
 * Needs nothing but Deno. Without WAV files (16 bit, mono) it makes two tones. Options, each also
 * by environment: --url (EARSHOT_URL, http://127.0.0.1:8000), --key (EARSHOT_KEY), --call
 * (EARSHOT_CALL, an id of your choice; without one the server makes it).
 */
import { parseArgs } from "node:util";

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

// The first byte of every binary message says whose sound follows.
const USER = 0;
const BOT = 1;

const user = userFile ? await readWav(userFile) : makeTone(330, 2);
const bot = botFile ? await readWav(botFile) : makeTone(220, 8);

// 1. Connect. The key goes into a header, where no log of URLs keeps it.
const server = options.url.replace(/^http/, "ws").replace(/\/$/, "");
const socket = new WebSocket(`${server}/ingest/pcm`, {
  headers: { authorization: `Bearer ${options.key}` },
});
const started = Promise.withResolvers<boolean>();
const closed = Promise.withResolvers<void>();
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === "error") console.error(`${message.code}: ${message.message}`);
  if (message.type !== "started") return;
  console.log(`call ${message.callId}`);
  console.log(`listen at ${message.playerUrl}?token=${encodeURIComponent(options.key)}`);
  started.resolve(true);
};
socket.onclose = ({ code, reason }) => {
  if (code !== 1000) console.error(`Connection closed with ${code} ${reason}`);
  started.resolve(false);
  closed.resolve();
};

// 2. Say what is coming: each side may have an encoding and a rate of its own.
socket.onopen = () =>
  send({
    type: "start",
    ...(options.call === "" ? {} : { callId: options.call }),
    tracks: {
      user: { encoding: "pcm_s16le", sampleRate: user.sampleRate },
      bot: { encoding: "pcm_s16le", sampleRate: bot.sampleRate },
    },
    media: { live: true, recording: true },
    metadata: { agent: "example", direction: "inbound" },
  });
if (!await started.promise) {
  console.error("Cannot start call: is the server up, the key right?");
  Deno.exit(1);
}

// 3. The call. Every frame has its time from the start of the call, not from the frame before:
// small delays then never add up.
const begunMs = performance.now();
const userEndsMs = USER_SPEAKS_MS + lengthMs(user);
for (let nowMs = 0; nowMs < userEndsMs + END_AFTER_MS; nowMs += FRAME_MS) {
  if (nowMs === BOT_SPEAKS_MS) speak(bot, "Bot speaks.");
  if (nowMs === CLEAR_MS) send({ type: "clear" });
  const waitMs = begunMs + nowMs + FRAME_MS - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  if (socket.readyState !== WebSocket.OPEN) break;
  sendAudio(USER, microphone(nowMs));
}

// 4. Hang up. Closing waits until all that was sent has left.
send({ type: "end", reason: "hangup" });
socket.close(1000);
await closed.promise;

/** The bot's whole sentence at once, as it comes from a synthesizer: the server plays it in time. */
function speak({ sampleRate, pcm }: Sound, text: string): void {
  send({ type: "event", name: "transcript", data: { track: "bot", text } });
  const pieceBytes = sampleRate * 2; // one second; a message may hold 1 MiB
  for (let at = 0; at < pcm.length; at += pieceBytes) {
    sendAudio(BOT, pcm.subarray(at, at + pieceBytes));
  }
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

function send(message: Record<string, unknown>): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function sendAudio(track: number, pcm: Uint8Array): void {
  const message = new Uint8Array(1 + pcm.length);
  message[0] = track;
  message.set(pcm, 1);
  if (socket.readyState === WebSocket.OPEN) socket.send(message);
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

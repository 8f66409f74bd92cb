/**
 * Listens to a call and keeps what is heard as a WAV file, in Node.js.
 *
 *     npm install ws
 *     node examples/listen.mjs --key KEY --call demo [call.wav]
 *
 * Ends with the call, or with Ctrl-C. Options, each also by environment: --url (EARSHOT_URL,
 * http://127.0.0.1:8000), --key (EARSHOT_KEY), --call (EARSHOT_CALL, demo).
 */
import { Buffer } from "node:buffer";
import { closeSync, openSync, writeSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import WebSocket from "ws";

const { values: options, positionals: [file = "call.wav"] } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string", default: process.env.EARSHOT_URL ?? "http://127.0.0.1:8000" },
    key: { type: "string", default: process.env.EARSHOT_KEY ?? "" },
    call: { type: "string", default: process.env.EARSHOT_CALL ?? "demo" },
  },
});

/** A WAV file's header; its two sizes are 32 bits wide, so the file ends at 4 GiB. */
const HEADER_BYTES = 44;
const MAX_PCM_BYTES = 2 ** 32 - HEADER_BYTES;

// Without `silence=pcm` the server sends no sound while both sides are silent, and a file made of
// what it does send would be shorter than the call.
const server = options.url.replace(/^http/, "ws").replace(/\/$/, "");
const url = `${server}/live/${encodeURIComponent(options.call)}/ws?silence=pcm`;
const socket = new WebSocket(url, { headers: { authorization: `Bearer ${options.key}` } });

let output; // descriptor of the file, once the first message has told the format
let format;
let pcmBytes = 0;

socket.on("message", (data, isBinary) => {
  if (!isBinary) {
    const message = JSON.parse(data.toString());
    if (message.type === "metadata") begin(message);
  } else if (data.length === 0) {
    console.log("the call has ended");
  } else if (data.length > 2) { // two bytes are a sign of life, not sound
    append(data);
  }
});

// The status says what is wrong: 401 the key, 404 the call, 403 its `media.live`.
socket.on("unexpected-response", (_request, response) => {
  console.error(`Cannot listen: the server answered ${response.statusCode}`);
  process.exitCode = 1;
  response.resume();
  socket.terminate();
});

socket.on("error", (error) => {
  if (process.exitCode === undefined) console.error(`Cannot listen: ${error.message}`);
  process.exitCode = 1;
});

socket.on("close", (code) => {
  if (output === undefined) return;
  closeSync(output);
  const seconds = pcmBytes / format.sampleRate / format.channels / 2;
  console.log(`${file}: ${seconds.toFixed(2)} s (closed with ${code})`);
});

process.once("SIGINT", () => socket.close(1000));

function begin(metadata) {
  format = metadata;
  output = openSync(file, "w");
  writeSync(output, header(), 0, HEADER_BYTES, 0);
  console.log(`listening to ${metadata.sessionId} at ${metadata.sampleRate} Hz`);
}

function append(pcm) {
  if (output === undefined) return;
  if (pcmBytes + pcm.length > MAX_PCM_BYTES) return socket.close(1000);
  writeSync(output, pcm, 0, pcm.length, HEADER_BYTES + pcmBytes);
  pcmBytes += pcm.length;
  // The sizes are brought up to date every time: the file is whole even if this program is killed.
  writeSync(output, header(), 0, HEADER_BYTES, 0);
}

function header() {
  const { sampleRate, channels } = format;
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(HEADER_BYTES - 8 + pcmBytes, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16); // length of what follows up to "data"
  bytes.writeUInt16LE(1, 20); // PCM
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * channels * 2, 28); // bytes a second
  bytes.writeUInt16LE(channels * 2, 32); // bytes of one sample of all channels
  bytes.writeUInt16LE(16, 34); // bits a sample
  bytes.write("data", 36);
  bytes.writeUInt32LE(pcmBytes, 40);
  return bytes;
}

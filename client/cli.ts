#!/usr/bin/env node
/**
 * The command `earshot`: `earshot calls | tail | listen ID | record ID | token ID | publish | doctor`.
 * Which server and as whom: EARSHOT_URL and EARSHOT_KEY, or --url and --key.
 *
 * @module
 */
import { createReadStream, createWriteStream } from "node:fs";
import { once } from "node:events";
import process from "node:process";
import type { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { Earshot } from "./earshot.ts";

const USAGE = `earshot calls [state]             the calls, newest first
earshot tail                      what happens to calls, a line each
earshot listen ID [from seconds]  16-bit PCM to standard output, such as | play -t s16 -r 8000 -c 1 -
earshot record ID FILE.wav        the recording
earshot token ID [seconds]        a link to the player that opens this call alone
earshot publish ID < FILE.pcm     16-bit PCM at 8000 Hz as a call's bot
earshot doctor                    asks the server what a client needs, and says what is wrong
Options: --url (EARSHOT_URL, http://127.0.0.1:8000), --key (EARSHOT_KEY)`;

const EVENTS = [
  ...["call.announced", "call.started", "call.ended", "call.warning"],
  ...["recording.ready", "recording.failed", "listener.joined", "listener.left"],
];

async function write(output: Writable, bytes: Uint8Array | string): Promise<void> {
  if (!output.write(bytes)) await once(output, "drain");
}

/** Sound to standard output, what is not sound to standard error. */
async function listen(earshot: Earshot, id: string, from?: string): Promise<void> {
  const options = { silence: "pcm", ...(from !== undefined && { from: Number(from) }) } as const;
  for await (const heard of earshot.listen(id, options)) {
    if (heard.type === "audio") {
      await write(process.stdout, new Uint8Array(heard.samples.buffer as ArrayBuffer));
    } else {
      console.error(JSON.stringify(heard));
      if (heard.type === "end" && heard.code !== 1000) process.exitCode = 1;
    }
  }
}

async function record(earshot: Earshot, id: string, file: string): Promise<void> {
  const { body } = await earshot.recording(id, { channels: 2 });
  const output = createWriteStream(file);
  await once(output, "open");
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    await write(output, bytes);
  }
  output.end();
  await once(output, "finish");
}

async function publish(earshot: Earshot, id?: string): Promise<void> {
  const call = earshot.call({ ...(id !== undefined && { id }), media: { live: true } });
  console.error((await call.started).playerUrl);
  const begunMs = performance.now();
  let bytes = 0;
  let odd: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  for await (const chunk of createReadStream("", { fd: 0, highWaterMark: 16_000 })) {
    const joined = new Uint8Array([...odd, ...chunk]);
    const whole = joined.length & ~1;
    odd = joined.slice(whole);
    call.bot.write(joined.subarray(0, whole));
    bytes += whole;
    // No more than a second ahead: a pipe that never ends is heard as it comes.
    const aheadMs = bytes / 16 - (performance.now() - begunMs);
    if (aheadMs > 1000) await new Promise((resolve) => setTimeout(resolve, aheadMs - 1000));
  }
  const leftMs = bytes / 16 - (performance.now() - begunMs);
  if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
  await call.end();
}

/** Asks what a client needs, in the order in which things go wrong. */
async function doctor(earshot: Earshot, url: string): Promise<void> {
  const say = (isFine: boolean, what: string) => {
    console.log(`${isFine ? "ok  " : "bad "} ${what}`);
    if (!isFine) process.exitCode = 1;
  };
  const response = await fetch(new URL("healthz", url.replace(/\/*$/, "/"))).catch(() => undefined);
  say(response?.ok === true, `${url} answers; if not: is it running, is its TLS valid?`);
  if (response?.ok !== true) return;
  await response.body?.cancel();
  say(
    /^https:|\/\/(127\.|localhost|\[::1\])/.test(url),
    "the key travels encrypted, or stays here",
  );
  const date = Date.parse(response.headers.get("date") ?? "");
  if (!Number.isNaN(date)) {
    const off = Math.round(Math.abs(Date.now() - date) / 1000);
    say(off < 5, `clocks agree within ${off} s; if not: set up NTP, tokens depend on it`);
  }
  const key = await earshot.calls({ limit: 1 }).then(() => "", (error) => error.message);
  say(key === "", `the key is taken; ${key}`);
  if (key !== "") return;
  const call = earshot.call({ media: { live: true } });
  const socket = await call.started.then(() => "", (error) => error.message);
  say(socket === "", `WebSockets pass; if not, the proxy must pass Upgrade on: ${socket}`);
  await call.end("doctor");
}

async function main(): Promise<void> {
  const { values, positionals: [command, ...args] } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: "string", default: process.env.EARSHOT_URL ?? "http://127.0.0.1:8000" },
      key: { type: "string", default: process.env.EARSHOT_KEY ?? "" },
    },
  });
  const earshot = new Earshot({ url: values.url, apiKey: values.key });
  const need = (name: string, at: number) => {
    if (args[at] === undefined) throw new Error(`Cannot ${command}: takes ${name}`);
    return args[at];
  };
  if (command === "calls") {
    const { calls } = await earshot.calls(args[0] === undefined ? {} : { state: args[0] });
    for (const { id, state, durationSeconds } of calls) {
      console.log(`${id}\t${state}\t${durationSeconds.toFixed(1)} s`);
    }
  } else if (command === "tail") {
    for (const type of EVENTS) {
      earshot.on(type, (data) => console.log(`${type}\t${JSON.stringify(data)}`));
    }
    earshot.on("error", (error) => console.error(String(error.message)));
  } else if (command === "listen") await listen(earshot, need("a call's id", 0), args[1]);
  else if (command === "record") await record(earshot, need("a call's id", 0), need("a file", 1));
  else if (command === "publish") await publish(earshot, args[0]);
  else if (command === "doctor") await doctor(earshot, values.url);
  else if (command === "token") {
    const seconds = Number(args[1] ?? 3600);
    console.log((await earshot.token(need("a call's id", 0), { ttlSeconds: seconds })).playerUrl);
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

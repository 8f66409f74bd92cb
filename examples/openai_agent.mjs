/**
 * A voice agent of `@openai/agents` whose call is heard in Earshot, in Node.js 22 and newer.
 *
 *     npm install @openai/agents-realtime earshot-0.1.0.tgz
 *     ffmpeg -i user.wav -f s16le -ar 24000 -ac 1 - | node openai_agent.mjs
 *
 * The user is what comes to standard input, 16-bit PCM at 24 kHz, as it is spoken. By environment:
 * EARSHOT_URL, EARSHOT_KEY, OPENAI_API_KEY and, for another server, OPENAI_REALTIME_URL.
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession } from "@openai/agents-realtime";
import { Earshot } from "earshot";
import { publishSession, REALTIME_TRACKS } from "earshot/openai";

const agent = new RealtimeAgent({ name: "support", instructions: "You are a support agent." });
const session = new RealtimeSession(agent, { transport: new OpenAIRealtimeWebSocket() });

const earshot = new Earshot({ url: process.env.EARSHOT_URL, apiKey: process.env.EARSHOT_KEY });
const call = earshot.call({ media: { live: true, recording: true }, tracks: REALTIME_TRACKS });
publishSession(session, call);
console.log(`listen at ${(await call.started).playerUrl}`);

const url = process.env.OPENAI_REALTIME_URL;
await session.connect({ apiKey: process.env.OPENAI_API_KEY, ...(url && { url }) });

// 20 ms at a time, each when it is due: a pipe gives all at once, a microphone does not.
const FRAME_BYTES = 960;
const begunMs = performance.now();
let sentMs = 0;
let rest = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  rest = Buffer.concat([rest, chunk]);
  while (rest.length >= FRAME_BYTES) {
    session.sendAudio(new Uint8Array(rest.subarray(0, FRAME_BYTES)).buffer);
    rest = rest.subarray(FRAME_BYTES);
    sentMs += 20;
    const waitMs = begunMs + sentMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
await call.end();
session.close();

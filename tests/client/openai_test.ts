import assert from "node:assert/strict";
import { pack } from "../../scripts/pack.ts";
import { startIngestPeer } from "../support/ingest_peer.ts";
import { testInstalled } from "../support/installed.ts";
import { KEY } from "../support/test_server.ts";
import { run } from "../support/programs.ts";

const EXAMPLE = new URL("../../examples/openai_agent.mjs", import.meta.url);

/** The Realtime API's side of one turn that the user interrupts. */
function startRealtime(): Deno.HttpServer<Deno.NetAddr> & { audio: number[] } {
  const audio: number[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const send = (message: unknown) => socket.send(JSON.stringify(message));
    const ids = { response_id: "r1", item_id: "i1", output_index: 0, content_index: 0 };
    socket.onopen = () => send({ type: "session.created", event_id: "e0", session: {} });
    socket.onmessage = ({ data }) => {
      const { type, audio: base64 } = JSON.parse(data);
      if (type !== "input_audio_buffer.append") return;
      audio.push(Uint8Array.fromBase64(base64)[0]);
      if (audio.length !== 5) return;
      const delta = new Uint8Array(48_000).fill(2).toBase64(); // one second
      send({ type: "response.created", event_id: "e1", response: { id: "r1" } });
      send({ type: "response.output_audio.delta", event_id: "e2", ...ids, delta });
      const transcript = "Good morning";
      send({ type: "response.output_audio_transcript.done", event_id: "e3", ...ids, transcript });
      send({
        type: "input_audio_buffer.speech_started",
        event_id: "e4",
        item_id: "i2",
        audio_start_ms: 100,
      });
      send({
        type: "conversation.item.input_audio_transcription.completed",
        event_id: "e5",
        item_id: "i2",
        content_index: 0,
        transcript: "Hello",
        usage: { type: "duration", seconds: 1 },
      });
    };
    return response;
  });
  return Object.assign(server, { audio });
}

testInstalled(
  "examples/openai_agent.mjs publishes a session of the real package",
  async (folder) => {
    const realtime = startRealtime();
    await using peer = startIngestPeer(({ type, callId }, { socket }) => {
      if (type === "end") socket.close(1000);
      return type === "start"
        ? { type: "started", callId, listenUrl: "", playerUrl: "" }
        : undefined;
    });
    try {
      await Deno.writeTextFile(`${folder}/package.json`, "{}");
      await run("npm", [
        ...["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder],
        ...["@openai/agents-realtime@0.20.0", "zod@4", await pack(folder)],
      ]);
      await Deno.copyFile(EXAMPLE, `${folder}/openai_agent.mjs`);
      await run("env", [
        `EARSHOT_URL=http://127.0.0.1:${peer.port}`,
        `EARSHOT_KEY=${KEY}`,
        "OPENAI_API_KEY=ek_test",
        `OPENAI_REALTIME_URL=ws://127.0.0.1:${realtime.addr.port}`,
        ...["node", `${folder}/openai_agent.mjs`],
      ], new Uint8Array(960 * 50).fill(1));
      const told = peer.sessions[0].messages.map(({ data }) => data);
      const texts = told.flatMap((data) => typeof data === "string" ? [JSON.parse(data)] : []);
      assert.deepEqual(texts[0].tracks.bot, { encoding: "pcm_s16le", sampleRate: 24000 });
      assert.deepEqual(texts.slice(1).map(({ type, data }) => data ?? type), [
        { track: "bot", text: "Good morning" },
        "clear",
        { track: "user", text: "Hello" },
        "end",
      ]);
      const bytes = (track: number) =>
        told.reduce(
          (sum, data) =>
            sum + (typeof data !== "string" && data[0] === track ? data.length - 1 : 0),
          0,
        );
      assert.equal(bytes(0), 48_000);
      assert.equal(bytes(1), 48_000);
      assert.equal(realtime.audio.length, 50, "the API hears the user, too");
    } finally {
      await realtime.shutdown();
    }
  },
);

import assert from "node:assert/strict";
import { startIngestPeer } from "../support/ingest_peer.ts";
import { testInstalled } from "../support/installed.ts";
import { run } from "../support/programs.ts";
import { KEY } from "../support/test_server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

testInstalled(
  "examples/pipecat_agent.py publishes a pipeline of the real package",
  async (folder) => {
    await using peer = startIngestPeer(({ type, callId }, { socket }) => {
      if (type === "end") socket.close(1000);
      return type === "start"
        ? { type: "started", callId, listenUrl: "", playerUrl: "" }
        : undefined;
    });
    await run("cp", ["-r", `${ROOT}clients/python`, `${folder}/source`]);
    await run("python3", ["-m", "venv", `${folder}/venv`]);
    const python = `${folder}/venv/bin/python`;
    const pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-compile"];
    await run(python, [...pip, "pipecat-ai==1.14.0", `${folder}/source`]);
    const url = `EARSHOT_URL=http://127.0.0.1:${peer.port}`;
    await run("env", [url, `EARSHOT_KEY=${KEY}`, python, `${ROOT}examples/pipecat_agent.py`]);
    const told = peer.sessions[0].messages.map(({ data }) =>
      typeof data === "string" ? JSON.parse(data) : [data[0], data[1], data.length - 1]
    );
    assert.deepEqual(told[0].tracks, {
      user: { encoding: "pcm_s16le", sampleRate: 16000 },
      bot: { encoding: "pcm_s16le", sampleRate: 24000 },
    });
    // A system frame overtakes the others in a pipeline: the order of the sides is its own affair.
    const kind = (index: number) => told.filter((m) => Array.isArray(m) && m[0] === index);
    assert.deepEqual(kind(0), [[0, 1, 640]]);
    assert.deepEqual(kind(1), [[1, 2, 48_000]]);
    const texts = told.slice(1).flatMap((m) => Array.isArray(m) ? [] : [m.data ?? m.type]);
    assert.deepEqual(texts, [
      { track: "user", text: "Hello" },
      "clear",
      { track: "bot", text: "Good morning" },
      "end",
    ]);
  },
);

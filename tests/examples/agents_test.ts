import assert from "node:assert/strict";
import { answerAsEarshot, type PeerAnswer, startIngestPeer } from "../support/ingest_peer.ts";
import { run, testWith } from "../support/programs.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;

/** A Python that has the package agent.py needs; Debian installs it for its own. */
const python = await findPython(["python3", "/usr/bin/python3"]);

async function findPython(programs: string[]): Promise<string | undefined> {
  for (const program of programs) {
    const has = await run(program, ["-c", "import websockets"]).then(() => true, () => false);
    if (has) return program;
  }
  return undefined;
}

const answer: PeerAnswer = (message, session) => {
  const reply = answerAsEarshot(message, session);
  return reply && { ...reply, playerUrl: "http://127.0.0.1/live/CA1/player" };
};

/** Runs an agent with two WAV files of different rates and looks at the call that arrives. */
async function checkAgent(program: string, args: string[]): Promise<void> {
  await using peer = startIngestPeer(answer);
  const folder = await Deno.makeTempDir();
  try {
    const wavs = [`${folder}/user.wav`, `${folder}/bot.wav`];
    const tone = (wav: string, rate: string, seconds: string) =>
      run("sox", ["-n", "-r", rate, "-b", "16", "-c", "1", wav, "synth", seconds, "sine", "400"]);
    await Promise.all([tone(wavs[0], "8000", "0.3"), tone(wavs[1], "24000", "4")]);
    const options = [
      "--url",
      `http://127.0.0.1:${peer.port}/`,
      "--key",
      "a+key/=",
      "--call",
      "CA1",
    ];
    const output = new TextDecoder().decode(await run(program, [...args, ...options, ...wavs]));
    assert.match(output, /^call CA1\nlisten at .*player\?token=a%2Bkey%2F%3D\n$/);

    const { messages, closed } = peer.sessions[0];
    assert.equal(await closed, 1000);
    const texts = messages.flatMap(({ data, atMs }) =>
      typeof data === "string" ? [{ atMs, message: JSON.parse(data) }] : []
    );
    const types = texts.map(({ message }) => message.type);
    assert.deepEqual(types, ["start", "event", "clear", "end"]);
    const [start, , clear] = texts;
    assert.deepEqual(start.message, {
      type: "start",
      callId: "CA1",
      tracks: {
        user: { encoding: "pcm_s16le", sampleRate: 8000 },
        bot: { encoding: "pcm_s16le", sampleRate: 24000 },
      },
      media: { live: true, recording: true },
      metadata: { agent: "example", direction: "inbound" },
    });
    const sound = (track: number) =>
      messages.flatMap(({ data, atMs }) =>
        typeof data !== "string" && data[0] === track ? [{ atMs, pcm: data.subarray(1) }] : []
      );
    const frames = sound(0);
    assert.ok(frames.every(({ pcm }) => pcm.length === 320), "20 ms of the microphone");
    const heard = Uint8Array.from(frames.flatMap(({ pcm }) => [...pcm]));
    const user = (await Deno.readFile(wavs[0])).subarray(-4800);
    assert.deepEqual(heard.subarray(2500 * 16, 2800 * 16), user);
    const spoken = Uint8Array.from(sound(1).flatMap(({ pcm }) => [...pcm]));
    assert.deepEqual(spoken, (await Deno.readFile(wavs[1])).subarray(-192_000));
    const clearMs = clear.atMs - start.atMs;
    assert.ok(clearMs > 2750 && clearMs < 3100, `clear after ${clearMs} ms`);
    const paceMs = frames.at(-1)!.atMs - frames[0].atMs - (frames.length - 1) * 20;
    assert.ok(Math.abs(paceMs) < 100, `frames ${paceMs} ms off real time`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

testWith(["sox"], "examples/agent.ts sends a whole call with a barge-in", () => {
  const permissions = ["--allow-net", "--allow-env", "--allow-read"];
  return checkAgent(Deno.execPath(), ["run", "--quiet", ...permissions, `${EXAMPLES}agent.ts`]);
});

if (python === undefined) {
  console.log("skipped: examples/agent.py needs websockets: apt-get install python3-websockets");
}
if (python !== undefined || Deno.env.get("EARSHOT_TEST_REQUIRE_ALL") === "1") {
  testWith(["sox", "python3"], "examples/agent.py sends a whole call with a barge-in", () => {
    assert.ok(python !== undefined, "needs websockets: apt-get install python3-websockets");
    return checkAgent(python, [`${EXAMPLES}agent.py`]);
  });
}

import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { Player } from "../../static/audio/player.js";
import { TimeMachine } from "../../static/feed/time_machine.js";
import { indexError, indexOf, indexSound } from "../static/index_sound.ts";
import { seededRandom } from "../support/random.ts";
import { KEY, sleep, TestServer } from "../support/test_server.ts";
import { readWav } from "./conversation.ts";

const RATE = 8000;
const SECONDS = 60;
const JUMPS = 100;
const SEED = 100;
const QUANTUM = 128;

/** As far as this test looks at it. */
interface Status {
  frame: number;
  position: number;
  playing: boolean;
  live: boolean;
}

/** The player's worker and worklet in this process, on real sockets and a clock that is moved by hand. */
class Listener {
  readonly heard = new Float32Array(600 * RATE);
  readonly statuses: Status[] = [];
  frames = 0;
  readonly machine: TimeMachine;
  readonly #player: Player;

  constructor(clock: ManualClock) {
    this.#player = new Player(RATE, (status) => this.statuses.push(status as Status));
    this.machine = new TimeMachine(
      (message) => this.#player.onFeed(message, this.frames * 1000 / RATE),
      () => {},
      {
        openSocket: (url) => new WebSocket(url),
        fetch: (url, init) => fetch(url, init),
        setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
        clearTimeout: (timer) => clock.clearTimeout(timer),
        now: () => clock.now(),
        random: Math.random,
      },
    );
    this.#player.answer = (message) =>
      this.machine.want(message as { samples: number; turn: number });
  }

  get status(): Status | undefined {
    return this.statuses.at(-1);
  }

  play(ms: number): void {
    for (let left = ms * RATE / 1000; left > 0; left -= QUANTUM) {
      this.#player.process(this.heard.subarray(this.frames, this.frames + QUANTUM), this.frames);
      this.frames += QUANTUM;
    }
  }
}

Deno.test("TimeMachine on a real server: 100 random jumps, told and heard agree to the sample", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ clock });
  const media = { live: true, recording: true };
  const agent = await server.agent({ callId: "CA1", sampleRate: RATE, media });
  const speak = async (from: number, seconds: number) => {
    for (let second = from; second < from + seconds; second++) {
      const sound = Int16Array.from({ length: RATE }, (_, n) => {
        const { user, bot } = indexSound(second * RATE + n);
        return user + bot;
      });
      // Spoken by the bot, which may be ahead of time.
      agent.bot(new Uint8Array(sound.buffer));
      await server.received("CA1", "bot", (second + 1) * RATE);
      await server.advance(1000);
    }
  };
  await speak(0, SECONDS);
  const listener = new Listener(clock);
  const statusUrl = `${server.origin}/live/CA1/ws?token=${KEY}`;
  listener.machine.open({ url: statusUrl.replace(/^http/, "ws"), statusUrl });
  const until = async (done: (status: Status | undefined) => boolean) => {
    for (let n = 0; n < 1000 && !done(listener.status); n++) {
      await sleep(2);
      listener.play(16);
    }
    assert.ok(done(listener.status), JSON.stringify(listener.status));
  };
  // A live listener is sent what is spoken from now on.
  const spoken = speak(SECONDS, 2);
  await until((status) => status !== undefined && status.position > 0);
  await spoken;
  const random = seededRandom(SEED);
  for (let n = 0; n < JUMPS; n++) {
    const seconds = random() * SECONDS;
    listener.machine.seek(seconds);
    const begin = Math.round(seconds * RATE);
    await until((status) =>
      status?.playing === true && status.position >= begin && status.position < begin + RATE
    );
    listener.play(200 + 400 * random());
  }
  listener.machine.goLive();
  listener.machine.stop();
  agent.end("hangup");
  await agent.closed;
  await server.advance(7000);
  await server.until("CA1", ({ recording }) => recording?.state === "complete");
  const url = `${server.origin}/calls/CA1/recording`;
  const response = await fetch(url, { headers: { "X-API-Key": KEY } });
  const recording = await readWav(new Uint8Array(await response.arrayBuffer()));
  let checked = 0;
  for (const { frame, position, playing } of listener.statuses) {
    if (!playing) continue;
    const error = indexError(listener.heard, frame, indexOf(recording[Math.round(position)]));
    if (error === undefined) continue;
    checked++;
    assert.equal(Math.round(error), 0, `at ${position}`);
  }
  assert.ok(checked > 5 * JUMPS, `${checked} checked`);
});

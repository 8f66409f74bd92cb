import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { Player } from "../../static/audio/player.js";
import { TimeMachine } from "../../static/feed/time_machine.js";
import { indexError, indexOf, indexSound } from "../static/index_sound.ts";
import { seededRandom } from "../support/random.ts";
import type { PcmClient } from "../support/pcm_client.ts";
import { assertSame } from "../support/same.ts";
import { KEY, sleep, TestServer } from "../support/test_server.ts";
import { readWav } from "./conversation.ts";

const RATE = 8000;
const SECONDS = 60;
const JUMPS = 100;
const SEED = 100;
const QUANTUM = 128;
/** Of a quantum. */
const STEP_MS = 16;

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
  /** All that were opened. */
  readonly sockets: WebSocket[] = [];
  frames = 0;
  readonly machine: TimeMachine;
  readonly #player: Player;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
    this.#player = new Player(RATE, (status) => this.statuses.push(status as Status));
    this.machine = new TimeMachine(
      (message) => this.#player.onFeed(message, this.frames * 1000 / RATE),
      () => {},
      {
        openSocket: (url) => {
          this.sockets.push(new WebSocket(url));
          return this.sockets.at(-1)!;
        },
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

  open(server: TestServer, from?: number): void {
    const statusUrl = `${server.origin}/live/CA1/ws?token=${KEY}`;
    this.machine.open({ url: statusUrl.replace(/^http/, "ws"), statusUrl, from });
  }

  /** Lets the time pass and the sockets deliver, and plays, until it is as wished. */
  async until(done: (status: Status) => boolean): Promise<void> {
    for (let n = 0; n < 2000; n++) {
      if (this.status !== undefined && done(this.status)) return;
      await sleep(2);
      await this.#clock.advance(STEP_MS);
      this.play(STEP_MS);
    }
    assert.fail(JSON.stringify(this.status));
  }

  play(ms: number): void {
    for (let left = ms * RATE / 1000; left > 0; left -= QUANTUM) {
      this.#player.process(this.heard.subarray(this.frames, this.frames + QUANTUM), this.frames);
      this.frames += QUANTUM;
    }
  }
}

/** A call of index sound, spoken by the bot on a clock that is moved by hand. */
class IndexCall {
  readonly #server: TestServer;
  readonly #agent: PcmClient;
  #spoken = 0;

  private constructor(server: TestServer, agent: PcmClient) {
    this.#server = server;
    this.#agent = agent;
  }

  static async start(server: TestServer): Promise<IndexCall> {
    const media = { live: true, recording: true };
    return new IndexCall(server, await server.agent({ callId: "CA1", sampleRate: RATE, media }));
  }

  /** Lets so many seconds of it pass. */
  async speak(seconds: number): Promise<void> {
    for (let n = 0; n < seconds; n++) {
      const sound = Int16Array.from({ length: RATE }, (_, i) => {
        const { user, bot } = indexSound(this.#spoken + i);
        return user + bot;
      });
      this.#spoken += RATE;
      this.#agent.bot(new Uint8Array(sound.buffer));
      await this.#server.received("CA1", "bot", this.#spoken);
      await this.#server.advance(1000);
    }
  }

  /** Ends it, and answers the mix as it was recorded. */
  async end(): Promise<Int16Array> {
    this.#agent.end("hangup");
    await this.#agent.closed;
    await this.#server.advance(7000);
    await this.#server.until("CA1", ({ recording }) => recording?.state === "complete");
    const url = `${this.#server.origin}/calls/CA1/recording`;
    const response = await fetch(url, { headers: { "X-API-Key": KEY } });
    return await readWav(new Uint8Array(await response.arrayBuffer()));
  }
}

/** Asserts that what was heard is what was recorded at the position told. Answers how often it was. */
function checkAgreement({ statuses, heard }: Listener, recording: Int16Array): number {
  let checked = 0;
  for (const { frame, position, playing } of statuses) {
    if (!playing) continue;
    const error = indexError(heard, frame, indexOf(recording[Math.round(position)]));
    if (error === undefined) continue;
    checked++;
    assert.equal(Math.round(error), 0, `at ${position}`);
  }
  return checked;
}

Deno.test("TimeMachine on a real server: 100 random jumps, told and heard agree to the sample", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ clock });
  const call = await IndexCall.start(server);
  await call.speak(SECONDS);
  const listener = new Listener(clock);
  listener.open(server);
  // A live listener is sent what is spoken from now on.
  const spoken = call.speak(2);
  await listener.until(({ position }) => position > 0);
  await spoken;
  const random = seededRandom(SEED);
  for (let n = 0; n < JUMPS; n++) {
    const seconds = random() * SECONDS;
    listener.machine.seek(seconds);
    const begin = Math.round(seconds * RATE);
    await listener.until(({ playing, position }) =>
      playing && position >= begin && position < begin + RATE
    );
    listener.play(200 + 400 * random());
  }
  listener.machine.stop();
  const checked = checkAgreement(listener, await call.end());
  assert.ok(checked > 5 * JUMPS, `${checked} checked`);
});

Deno.test("TimeMachine on a real server: a lost line repeats nothing and loses nothing", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ clock });
  const call = await IndexCall.start(server);
  await call.speak(30);
  const listener = new Listener(clock);
  listener.open(server, 1);
  await listener.until(({ playing, position }) => playing && position > 1.5 * RATE);
  const from = listener.status!;
  for (let n = 0; n < 5; n++) {
    listener.sockets.at(-1)!.close(4000, "lost");
    await listener.until(() => listener.sockets.length === n + 2);
    const { position } = listener.status!;
    await listener.until((status) => status.position > position + 2 * RATE);
  }
  const { frame } = listener.status!;
  listener.machine.stop();
  const recording = await call.end();
  checkAgreement(listener, recording);
  const heard = listener.heard.subarray(from.frame, frame).map((x) => Math.round(32_768 * x));
  assertSame(heard, recording.subarray(from.position, from.position + heard.length), "heard");
});

import { PcmClient } from "./pcm_client.ts";

/** One message holds this much sound. */
const MESSAGE_MS = 200;
const RATE = 8000;
/** A side speaks for so many messages, then the other one. */
const TURN = 10;

/** Many live calls at little cost: each an ingest socket of its own, five messages a second. */
export class ManyCalls implements AsyncDisposable {
  readonly #agents: PcmClient[] = [];
  readonly #speech: Uint8Array<ArrayBuffer>[];
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor() {
    // Never as loud as just before, so that meters move with every message.
    const length = (RATE * MESSAGE_MS) / 1000;
    this.#speech = Array.from({ length: 8 }, (_, index) => {
      const loud = 800 * 2 ** (index * 0.6);
      const tone = (_: unknown, at: number) =>
        loud * (0.3 + (0.7 * at) / length) * Math.sin(at / 3);
      return new Uint8Array(Int16Array.from({ length }, tone).buffer);
    });
  }

  /** @param url of the ingest socket */
  static async start(url: string, key: string, count: number): Promise<ManyCalls> {
    const calls = new ManyCalls();
    for (let index = 0; index < count; index++) {
      const agent = await PcmClient.open({ url, key });
      await agent.start({
        media: { live: true, recording: false },
        metadata: {
          from: `+1 555 ${String(1000 + index)}`,
          agent: ["support", "sales", "booking"][index % 3],
          direction: "inbound",
        },
      });
      calls.#agents.push(agent);
    }
    calls.#speak();
    return calls;
  }

  /** A tenth of the calls each 20 ms, so that the load is even. */
  #speak(): void {
    const parts = MESSAGE_MS / 20;
    let turn = 0;
    this.#timer = setInterval(() => {
      const round = Math.floor(turn / parts);
      for (let index = turn % parts; index < this.#agents.length; index += parts) {
        const speaks = Math.floor((round + index) / TURN) % 2 === 0 ? "user" : "bot";
        this.#agents[index][speaks](this.#speech[(round * 5 + index * 3) % this.#speech.length]);
      }
      turn++;
    }, 20);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#agents.map((agent) => agent.drop()));
  }
}

import assert from "node:assert/strict";
import type { CallFilter } from "../../archive/index_query.ts";
import { CallRegistry } from "../../calls/registry.ts";
import { listCalls } from "../../routes/call_list.ts";
import { anIndex } from "../archive/support.ts";
import { anEnvironment, anOwner } from "../calls/support.ts";
import { seededRandom } from "../support/random.ts";

const SEED = 20261122;
const ORGANISATIONS = ["acme", "globex"];
const AGENTS = ["support", "sales", "", "a=b&c", "ü ✓"];

/** What a call must be listed as, kept beside the registry and without any of its code. */
interface Modelled {
  readonly id: string;
  readonly organisation: string;
  readonly announcedAt: number;
  startedAt: number;
  state: "announced" | "live" | "ended";
  metadata: Record<string, string>;
  readonly recorded: boolean;
  hasRecording: boolean;
}

/** Someone who goes from page to page, whatever happens in between. */
interface Walk {
  readonly filter: CallFilter;
  readonly state: "active" | "ended" | undefined;
  readonly seen: string[];
  /** Calls that fit when it began and ever since: each must be met. */
  due: Set<string>;
  before: string | undefined;
}

class Fuzz {
  readonly random = seededRandom(SEED);
  readonly model = new Map<string, Modelled>();
  readonly walks: Walk[] = [];
  readonly clock;
  readonly registry: CallRegistry;
  /** What has been done how often, so that nothing is left untried. */
  readonly done: Record<string, number> = {};
  #count = 0;

  constructor() {
    const { clock, environment } = anEnvironment({ announceMs: 1e9 });
    this.clock = clock;
    this.registry = new CallRegistry({
      environment,
      mediaDefaults: { live: true, recording: false, maxDurationSeconds: 60 },
      maxCalls: 1000,
      maxCallsPerOrganisation: 1000,
      index: anIndex({ endedCallsKept: 1000 }).index,
    });
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  announce(): Modelled {
    const recorded = this.random() < 0.4;
    const call: Modelled = {
      // In no order, and with characters that sort differently in different alphabets.
      id: `${this.pick(["a", "B", "_", "."])}${(this.#count++ * 7919) % 10_007}`,
      organisation: this.pick(ORGANISATIONS),
      announcedAt: this.clock.wallTime(),
      startedAt: this.clock.wallTime(),
      state: "announced",
      metadata: { agent: this.pick(AGENTS), odd: String(this.below(2)) },
      recorded,
      hasRecording: false,
    };
    this.model.set(call.id, call);
    this.registry.announce(this.#request(call));
    return call;
  }

  start(call: Modelled): void {
    call.state = "live";
    call.startedAt = this.clock.wallTime();
    call.hasRecording = call.recorded;
    this.registry.start(this.#request(call), anOwner());
  }

  async end(call: Modelled): Promise<void> {
    await this.registry.get(call.id)!.end("ended");
    call.state = "ended";
  }

  async delete(call: Modelled): Promise<void> {
    const { organisation, id: callId } = call;
    assert.equal(await this.registry.archive.deleteRecording({ organisation, callId }), true);
    Object.assign(call, { hasRecording: false, metadata: {} });
  }

  async act(): Promise<void> {
    const [all, what] = [[...this.model.values()], this.random()];
    const of = (state: string) => all.filter((call) => call.state === state);
    this.count("announce");
    if (what < 0.3 || all.length < 20) this.start(this.announce());
    else if (what < 0.5) this.announce();
    else if (what < 0.7) of("announced").slice(0, 1).forEach((call) => this.start(call));
    else if (what < 0.9) await this.end(this.pick([...of("live"), ...of("announced")]));
    else {
      const deletable = of("ended").filter(({ hasRecording }) => hasRecording);
      if (deletable.length > 0) {
        await this.delete(this.pick(deletable));
        this.count("delete");
      }
    }
    if (this.random() < 0.4) await this.clock.advance(this.below(3));
  }

  beginWalk(): void {
    const metadata = new Map<string, string>();
    if (this.random() < 0.5) metadata.set("agent", this.pick(AGENTS));
    if (this.random() < 0.2) metadata.set("odd", String(this.below(2)));
    const times = [0, 1].map(() => this.pick([...this.model.values()]).startedAt).sort();
    const filter: CallFilter = {
      organisation: this.pick(ORGANISATIONS),
      ...(this.random() < 0.3 && { from: times[0] }),
      ...(this.random() < 0.3 && { to: times[1] + 1 }),
      metadata,
      hasRecording: this.random() < 0.2,
    };
    const state = this.pick(["active", "ended", undefined, undefined] as const);
    const due = new Set(this.expected(filter, state).map(({ id }) => id));
    this.walks.push({ filter, state, seen: [], due, before: undefined });
  }

  expected(filter: CallFilter, state: Walk["state"]): Modelled[] {
    const { organisation, from = 0, to = Infinity, metadata, hasRecording } = filter;
    return [...this.model.values()].filter((call) =>
      call.organisation === organisation &&
      (state === undefined || (state === "ended") === (call.state === "ended")) &&
      call.startedAt >= from && call.startedAt < to &&
      [...metadata!].every(([key, value]) => call.metadata[key] === value) &&
      (!hasRecording || call.hasRecording)
    ).sort((a, b) => b.announcedAt - a.announcedAt || (a.id < b.id ? 1 : -1));
  }

  /** One more page, which must be what the model says; and at the end no call may be missing. */
  step(walk: Walk): void {
    const { filter, state, seen, before } = walk;
    const limit = 1 + this.below(6);
    const all = this.expected(filter, state);
    const stillDue = new Set(all.map(({ id }) => id));
    walk.due = walk.due.intersection(stillDue);
    const page = listCalls(
      this.registry,
      { filter, state, limit, before },
      (call) => "details" in call ? call.details.id : call.id,
    );
    const ids = page.calls;
    const [, announcedAt, id] = before === undefined ? [] : /^(.*)~(.*)$/.exec(before)!;
    const behind = all.filter((call) =>
      before === undefined || call.announcedAt < Number(announcedAt) ||
      (call.announcedAt === Number(announcedAt) && call.id < id!)
    );
    assert.deepEqual(ids, behind.slice(0, limit).map(({ id }) => id));
    assert.equal(page.before === null, behind.length <= limit);
    seen.push(...ids);
    this.count("page");
    if (page.before !== null) {
      walk.before = page.before;
      return;
    }
    assert.equal(new Set(seen).size, seen.length, "no call comes twice");
    for (const id of walk.due) assert.ok(seen.includes(id), `${id} is not skipped`);
    this.walks.splice(this.walks.indexOf(walk), 1);
    this.count("walk");
    if (seen.length > 20) this.count("long walk");
  }

  count(what: string): void {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  #request({ id, organisation, metadata, recorded }: Modelled) {
    return { id, organisation, metadata, media: { recording: recorded } };
  }
}

Deno.test(`listCalls() neither skips nor repeats while calls come and go (seed ${SEED})`, async () => {
  const fuzz = new Fuzz();
  for (let n = 0; n < 600; n++) {
    await fuzz.act();
    if (n > 20 && fuzz.walks.length < 5) fuzz.beginWalk();
    if (fuzz.walks.length > 0) fuzz.step(fuzz.pick(fuzz.walks));
  }
  const { page, walk, delete: deleted, "long walk": long } = fuzz.done;
  assert.ok(page > 500 && walk > 50 && deleted > 10 && long > 3, JSON.stringify(fuzz.done));
  await fuzz.registry.close("closed");
});

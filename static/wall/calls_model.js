// @ts-check
import { warningKey } from "./warnings.js";

/** Ended calls that are kept when more come in: some screens of them. Older ones can be loaded again. */
const MOST_ENDED = 1000;

/** @typedef {import("./warnings.js").Warning} Warning */

/**
 * @typedef {object} WallCall A call as the server describes it, and its active warnings by name.
 * @property {string} id
 * @property {"announced" | "live" | "ended"} state
 * @property {number} startedAt ms since the epoch, by the server's clock
 * @property {number} [endedAt]
 * @property {number} durationSeconds
 * @property {string} [reason]
 * @property {number} [sampleRate]
 * @property {number} [samples]
 * @property {{ live: boolean, recording?: boolean }} [media]
 * @property {Record<string, string>} metadata
 * @property {number} listeners
 * @property {string} listenUrl
 * @property {string} playerUrl
 * @property {{ state: string, url: string } | null} recording
 * @property {{ paused?: boolean, ingestLost?: boolean, warnings?: Warning[] }} [health]
 * @property {boolean} paused
 * @property {Map<string, Warning>} warnings
 */

/** @typedef {Omit<WallCall, "paused" | "warnings">} Described What the server answers. */

/**
 * All calls this page knows, kept true by the server's events. Notes which have changed since it was
 * asked the last time.
 */
export class CallsModel {
  /** Announced and live ones. @type {Map<string, WallCall>} */
  active = new Map();
  /** @type {Map<string, WallCall>} */
  ended = new Map();
  /** @type {Set<string>} */
  #changed = new Set();

  /** Ids of the calls that came, changed or went since the last time. */
  takeChanged() {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** @param {string} id */
  get(id) {
    return this.active.get(id) ?? this.ended.get(id);
  }

  /** Puts `calls` in the place of all active ones. @param {Described[]} calls */
  loadActive(calls) {
    for (const id of this.active.keys()) this.#changed.add(id);
    this.active.clear();
    for (const call of calls) this.#put(call);
  }

  /** Puts `calls` in the place of all ended ones. @param {Described[]} calls */
  loadEnded(calls) {
    for (const id of this.ended.keys()) this.#changed.add(id);
    this.ended.clear();
    this.addEnded(calls);
  }

  /** Adds older ended calls. @param {Described[]} calls */
  addEnded(calls) {
    for (const call of calls) this.#put(call);
  }

  /**
   * Does what an event says; events it does not know, and what is told of unknown calls, pass by.
   *
   * @param {string} type
   * @param {Record<string, any>} data
   * @param {number} nowMs by the server's clock
   */
  apply(type, data, nowMs) {
    if (data.call) return this.#put(data.call);
    const call = this.get(data.callId);
    if (call === undefined) return;
    this.#changed.add(call.id);
    if (type === "call.updated") {
      if (data.metadata) call.metadata = data.metadata;
      call.paused = data.paused === true;
      this.#warn(call, { code: "ingest_lost", active: data.ingestLost === true }, nowMs);
    } else if (type === "call.warning") this.#warn(call, data, nowMs);
    else if (type.startsWith("listener.")) call.listeners = data.listeners;
    else if (type.startsWith("recording.")) call.recording = data.recording;
  }

  /** @param {Described} described */
  #put(described) {
    const { id, state, startedAt, health } = described;
    const known = this.ended.get(id);
    // An event of the past that came after the list; an id may be used again, but only later.
    if (state !== "ended" && known !== undefined && known.startedAt >= startedAt) return;
    const warnings = new Map(
      (state === "ended" ? [] : health?.warnings ?? []).map((item) => [warningKey(item), item]),
    );
    const call = {
      ...described,
      metadata: described.metadata ?? {},
      paused: health?.paused === true,
      warnings,
    };
    const now = startedAt + described.durationSeconds * 1000;
    this.#warn(call, { code: "ingest_lost", active: health?.ingestLost === true }, now);
    this.#changed.add(id);
    this.active.delete(id);
    this.ended.delete(id);
    if (state !== "ended") return void this.active.set(id, call);
    this.ended.set(id, call);
    if (this.ended.size > MOST_ENDED) this.#forgetOldest();
  }

  /**
   * @param {WallCall} call
   * @param {Record<string, any>} data
   * @param {number} nowMs
   */
  #warn(call, { code, track, message, active, position }, nowMs) {
    const key = warningKey({ code, track });
    if (active === false) return void call.warnings.delete(key);
    if (call.state === "ended" || call.warnings.has(key)) return;
    // An event may reach us long after it happened; its place in the call is the better witness.
    const since = position > 0 && call.sampleRate
      ? call.startedAt + position * 1000 / call.sampleRate
      : nowMs;
    call.warnings.set(key, { code, track, message, since });
  }

  #forgetOldest() {
    let oldest;
    for (const call of this.ended.values()) {
      if (oldest === undefined || call.startedAt < oldest.startedAt) oldest = call;
    }
    if (oldest === undefined) return;
    this.ended.delete(oldest.id);
    this.#changed.add(oldest.id);
  }
}

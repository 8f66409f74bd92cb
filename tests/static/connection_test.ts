import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { Connection } from "../../static/connection.js";
import { backoffMs, meaningOfClose, refusal } from "../../static/connection_rules.js";

/** As much of a WebSocket as a connection uses, moved by the test. */
class FakeSocket {
  binaryType = "blob";
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  close(): void {
    this.closed = true;
  }
}

/** A connection in a world of its own: `answers` are what plain requests get, the last one for good. */
function open(answers: { status: number; body?: unknown }[] = [{ status: 426 }]) {
  const clock = new ManualClock();
  const sockets: FakeSocket[] = [];
  const player: { type?: string; pcm?: ArrayBuffer; position?: number | undefined }[] = [];
  const page: { state?: string; waitMs?: number; title?: string; recordingUrl?: string }[] = [];
  let asked = 0;
  let from: number | undefined;
  const urls: string[] = [];
  const connection = new Connection(
    { url: "ws://host/live/a/ws?token=k", statusUrl: "http://host/live/a/ws?token=k" },
    {
      onOpen: (format) => void player.push({ type: "open", ...format }),
      onFrame: (pcm, position) => void player.push({ type: "frame", pcm, position }),
      onMark: (mark) => void player.push(mark),
      onEnd: () => void player.push({ type: "end" }),
      onLost: () => void player.push({ type: "lost" }),
      from: () => from,
      onState: (report) => void page.push(report),
    },
    {
      openSocket: (url) => {
        urls.push(url);
        sockets.push(new FakeSocket());
        return sockets.at(-1) as unknown as WebSocket;
      },
      fetch: () => {
        const { status, body } = answers[Math.min(asked++, answers.length - 1)];
        return Promise.resolve({ status, json: () => Promise.resolve(body) });
      },
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
      clearTimeout: (timer) => clock.clearTimeout(timer),
      now: () => clock.now() + 1,
      random: () => 1,
    },
  );
  connection.open();
  const states = () => page.map(({ state }) => state);
  const resumeAt = (seconds: number) => from = seconds;
  return { clock, sockets, urls, player, page, states, connection, resumeAt, asked: () => asked };
}

const METADATA = `{"type":"metadata","sampleRate":8000,"channels":2,"bitDepth":16,"sessionId":"a"}`;

Deno.test("Connection hands metadata and frames with their positions to the player", () => {
  const { sockets, player, states } = open();
  sockets[0].onopen?.();
  sockets[0].onmessage?.({ data: METADATA });
  sockets[0].onmessage?.({ data: `{"type":"position","position":800}` });
  sockets[0].onmessage?.({ data: new ArrayBuffer(1600) });
  sockets[0].onmessage?.({ data: new ArrayBuffer(1600) });
  sockets[0].onmessage?.({ data: `{"type":"barge-in","position":900}` });
  sockets[0].onmessage?.({ data: new ArrayBuffer(2) });
  sockets[0].onmessage?.({ data: "not json" });
  sockets[0].onmessage?.({ data: `{"type":"from a later version"}` });
  assert.equal(sockets[0].binaryType, "arraybuffer");
  assert.deepEqual(states(), ["connecting", "open"]);
  assert.deepEqual(player[0], { type: "open", sampleRate: 8000, channels: 2 });
  assert.deepEqual(player.map(({ type }) => type), ["open", "frame", "frame", "barge-in"]);
  assert.equal(player[1].pcm?.byteLength, 1600);
  assert.deepEqual(player.slice(1, 3).map(({ position }) => position), [800, 1200]);
});

Deno.test("Connection ends with the empty message and finds the recording when it is finished", async () => {
  const gone = { status: 410, body: { error: { code: "call_ended", message: "" } } };
  const kept = { status: 410, body: { error: { ...gone.body.error, recordingUrl: "/r" } } };
  const { clock, sockets, player, page } = open([gone, kept]);
  sockets[0].onopen?.();
  sockets[0].onmessage?.({ data: new ArrayBuffer(0) });
  sockets[0].onclose?.({ code: 1006 });
  assert.deepEqual(player, [{ type: "end" }]);
  assert.deepEqual(page.at(-1), { state: "ended", recordingUrl: undefined, final: false });
  await clock.advance(500);
  await clock.advance(2000);
  assert.deepEqual(page.at(-1), { state: "ended", recordingUrl: "/r", final: true });
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("Connection asks for a recording three times and no more", async () => {
  const { clock, sockets, asked } = open([{ status: 410 }]);
  sockets[0].onopen?.();
  sockets[0].onclose?.({ code: 1000 });
  for (let i = 0; i < 10; i++) await clock.advance(5000);
  assert.equal(asked(), 3);
  assert.equal(clock.pendingTimers, 0);
});

for (const code of [1001, 1006, 1012, 1013]) {
  Deno.test(`Connection reconnects after close ${code}`, async () => {
    const { clock, sockets, player, page } = open();
    sockets[0].onopen?.();
    sockets[0].onclose?.({ code });
    await clock.advance(0);
    assert.deepEqual(page.at(-1), {
      state: "reconnecting",
      waitMs: 500,
      attempt: 1,
      awayMs: 0,
      isBlocked: false,
    });
    assert.deepEqual(player, [{ type: "lost" }]);
    await clock.advance(500);
    assert.equal(sockets.length, 2);
  });
}

Deno.test("Connection asks for both sides, silence and positions, and goes on where it was lost", async () => {
  const { clock, sockets, urls, resumeAt } = open();
  sockets[0].onopen?.();
  resumeAt(12.35);
  sockets[0].onclose?.({ code: 1006 });
  await clock.advance(500);
  const query = "token=k&channels=2&silence=pcm&events=1";
  assert.deepEqual(urls, [
    `ws://host/live/a/ws?${query}`,
    `ws://host/live/a/ws?${query}&from=12.35`,
  ]);
});

Deno.test("Connection.open() again goes elsewhere without a word", () => {
  const { sockets, urls, connection, states } = open();
  sockets[0].onopen?.();
  connection.open(3);
  assert.equal(sockets[0].closed, true);
  assert.match(urls[1], /from=3$/);
  assert.deepEqual(states(), ["connecting"]);
});

Deno.test("Connection waits longer each time it fails, and short again after a steady while", async () => {
  const { clock, sockets, page } = open([{ status: 503 }]);
  for (let i = 0; i < 8; i++) {
    sockets.at(-1)?.onclose?.({ code: 1006 });
    await clock.advance(0);
    await clock.advance(page.at(-1)?.waitMs ?? 0);
  }
  const waits = page.flatMap(({ waitMs }) => waitMs ?? []);
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  const last = sockets.at(-1);
  last?.onopen?.();
  await clock.advance(10_000);
  last?.onclose?.({ code: 1006 });
  assert.equal(page.at(-1)?.waitMs, 500);
});

Deno.test("Connection gives up a line that says nothing for 6 s, and one that does not open in 10 s", async () => {
  const { clock, sockets, states } = open();
  await clock.advance(10_000);
  assert.equal(sockets[0].closed, true);
  await clock.advance(500);
  sockets[1].onopen?.();
  await clock.advance(10_000);
  sockets[1].onmessage?.({ data: new ArrayBuffer(1600) });
  await clock.advance(5999);
  assert.equal(sockets[1].closed, false);
  await clock.advance(1);
  assert.equal(sockets[1].closed, true);
  assert.equal(states().at(-1), "reconnecting");
});

Deno.test("Connection says that something blocks WebSockets when the server answers and none opens", async () => {
  const { clock, sockets, page } = open([{ status: 426 }, { status: 426 }, { status: 426 }]);
  const fail = async () => {
    sockets.at(-1)?.onclose?.({ code: 1006 });
    await clock.advance(0);
    return page.at(-1);
  };
  assert.deepEqual(await fail(), {
    state: "reconnecting",
    waitMs: 500,
    attempt: 1,
    awayMs: 0,
    isBlocked: false,
  });
  await clock.advance(500);
  const second = await fail();
  assert.equal(Reflect.get(second ?? {}, "isBlocked"), true);
  assert.equal(Reflect.get(second ?? {}, "awayMs"), 500);
  await clock.advance(1000);
  sockets.at(-1)?.onopen?.();
  assert.equal(Reflect.get(await fail() ?? {}, "isBlocked"), false, "it had opened");
});

Deno.test("Connection waits a minute for the first frame of a call", async () => {
  const { clock, sockets } = open();
  sockets[0].onopen?.();
  await clock.advance(59_000);
  assert.equal(sockets[0].closed, false);
  await clock.advance(1000);
  assert.equal(sockets[0].closed, true);
});

for (const status of [401, 403, 404, 429]) {
  Deno.test(`Connection says why it was refused with ${status}, and does not try again`, async () => {
    const { clock, sockets, page } = open([{ status, body: { error: { message: "because" } } }]);
    sockets[0].onclose?.({ code: 1006 });
    await clock.advance(60_000);
    assert.deepEqual(page.at(-1), { state: "refused", ...refusal(status, "because") });
    assert.equal(sockets.length, 1);
  });
}

Deno.test("Connection to an ended call offers its recording", async () => {
  const { clock, sockets, page } = open([{ status: 410, body: { error: { recordingUrl: "/r" } } }]);
  sockets[0].onclose?.({ code: 1006 });
  await clock.advance(0);
  assert.deepEqual(page.at(-1), { state: "ended", recordingUrl: "/r", final: true });
});

Deno.test("Connection.stop() closes and stays silent", async () => {
  const { clock, sockets, connection, states } = open();
  sockets[0].onopen?.();
  connection.stop();
  connection.stop();
  await clock.advance(60_000);
  assert.equal(sockets[0].closed, true);
  assert.equal(sockets.length, 1);
  assert.deepEqual(states(), ["connecting"]);
});

Deno.test("meaningOfClose() tells the end from a loss", () => {
  const codes = [1000, 4404, 1008, 1001, 1006, 1012, 1013, 1011];
  const meanings = ["ended", "removed", "revoked", ...Array(5).fill("reconnect")];
  assert.deepEqual(codes.map(meaningOfClose), meanings);
});

Deno.test("refusal() leaves what may pass to another attempt", () => {
  assert.equal(refusal(426), undefined);
  assert.equal(refusal(503), undefined);
  assert.match(refusal(400)?.advice ?? "", /400/);
});

Deno.test("backoffMs() stays within half and all of its bound", () => {
  assert.equal(backoffMs(0, 0), 250);
  assert.equal(backoffMs(1000, 1), 15_000);
});

import assert from "node:assert/strict";
import { Audience } from "../../calls/audience.ts";
import { Call } from "../../calls/call.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { anEnvironment, FakeSocket, someDetails } from "./support.ts";

const MONO = { channels: 1, silenceAsPcm: false } as const;

function aCall(id: string, organisation = "acme"): Call {
  return new Call(someDetails({ id, organisation }), anEnvironment().environment, () => {});
}

function anAudience(maxPerCall: number, maxPerOrganisation: number): Audience {
  return new Audience({
    clock: new ManualClock(),
    maxPerCall,
    maxPerOrganisation,
    maxSlowMs: 1000,
  });
}

Deno.test("Audience.hasRoom() limits the listeners of a call and of an organisation", () => {
  const audience = anAudience(2, 3);
  const [first, second, other] = [aCall("CA1"), aCall("CA2"), aCall("CA3", "globex")];
  const listeners = [first, first].map((call) => audience.admit(call, new FakeSocket(), MONO));
  assert.equal(audience.hasRoom(first), false);
  assert.equal(audience.hasRoom(second), true);
  listeners.push(audience.admit(second, new FakeSocket(), MONO));
  assert.equal(audience.hasRoom(second), false);
  assert.equal(audience.hasRoom(other), true);
  listeners[0].closed();
  listeners[0].closed();
  assert.deepEqual([audience.size, audience.of("CA1"), audience.of("CA9")], [2, 1, 0]);
  assert.equal(audience.hasRoom(first), true);
  assert.equal(audience.hasRoom(second), true);
});

Deno.test("Audience.admit() gives a queue of half a second in the listener's own view", () => {
  for (const [channels, bytes] of [[1, 8000], [2, 16_000]] as const) {
    const audience = anAudience(9, 9);
    const socket = new FakeSocket();
    const listener = audience.admit(aCall("CA1"), socket, { channels, silenceAsPcm: false });
    for (let i = 0; i < 40; i++) listener.send(new Uint8Array(800));
    assert.equal(socket.bufferedAmount, bytes);
    assert.equal(audience.dropped, 40 - bytes / 800);
  }
});

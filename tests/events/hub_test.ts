import assert from "node:assert/strict";
import { EventHub, type HubEvent } from "../../events/hub.ts";

function aHub(keptPerOrganisation = 3) {
  return new EventHub({ keptPerOrganisation, processId: "p1" });
}

function heard() {
  const events: HubEvent[] = [];
  const numbers = () => events.map(({ data }) => data.n);
  return { listener: (event: HubEvent) => void events.push(event), events, numbers };
}

Deno.test("EventHub.publish() tells the organisation's own listeners, in order", () => {
  const hub = aHub();
  const [acme, globex, all] = [heard(), heard(), heard()];
  hub.subscribe("acme", {}, acme.listener);
  hub.subscribe("globex", {}, globex.listener);
  const leave = hub.subscribeAll(all.listener);
  for (let n = 1; n <= 3; n++) hub.publish("acme", "thing", { n });
  hub.publish("globex", "thing", { n: 9 });
  leave();
  hub.publish("acme", "thing", { n: 4 });
  assert.deepEqual(acme.numbers(), [1, 2, 3, 4]);
  assert.deepEqual(globex.numbers(), [9]);
  assert.deepEqual(all.numbers(), [1, 2, 3, 9]);
  assert.deepEqual(acme.events[0], {
    id: "p1.1",
    organisation: "acme",
    type: "thing",
    data: { n: 1 },
  });
  assert.equal(hub.published, 5);
});

Deno.test("EventHub.subscribe() answers what was missed, as long as it is kept", () => {
  const hub = aHub();
  const missed = (lastEventId?: string) =>
    hub.subscribe("acme", { lastEventId }, () => {}).missed?.map(({ data }) => data.n) ?? null;
  assert.deepEqual(missed("p1.0"), []);
  for (let n = 1; n <= 5; n++) hub.publish("acme", "thing", { n });
  assert.deepEqual(missed(), []);
  assert.deepEqual(missed("p1.5"), []);
  assert.deepEqual(missed("p1.4"), [5]);
  assert.deepEqual(missed("p1.2"), [3, 4, 5]);
  assert.equal(missed("p1.1"), null, "one too old");
  assert.equal(missed("p1.6"), null, "one that has not happened");
  assert.equal(missed("p2.4"), null, "one of another process");
  for (const broken of ["", "4", "p1.", "p1.-1", "p1.4x", "p1.99999999999999999999"]) {
    assert.equal(missed(broken), null, broken);
  }
  assert.equal(hub.subscribe("acme", {}, () => {}).lastEventId, "p1.5");
});

Deno.test("EventHub keeps nothing when nothing is to be kept", () => {
  const hub = aHub(0);
  hub.publish("acme", "thing", { n: 1 });
  assert.deepEqual(hub.subscribe("acme", { lastEventId: "p1.1" }, () => {}).missed, []);
  assert.equal(hub.subscribe("acme", { lastEventId: "p1.0" }, () => {}).missed, null);
});

Deno.test("EventHub.subscribe() lets one function follow twice and leave once", () => {
  const hub = aHub();
  const one = heard();
  const first = hub.subscribe("acme", {}, one.listener);
  hub.subscribe("acme", {}, one.listener);
  first.end();
  first.end();
  hub.publish("acme", "thing", { n: 1 });
  assert.deepEqual(one.numbers(), [1]);
});

Deno.test("EventHub keeps no more than 4 MiB of an organisation's events", () => {
  const hub = aHub(1000);
  for (let n = 1; n <= 100; n++) hub.publish("acme", "thing", { n, text: "x".repeat(100_000) });
  const missed = (from: number) =>
    hub.subscribe("acme", { lastEventId: `p1.${from}` }, () => {}).missed?.length ?? null;
  assert.equal(missed(59), 41);
  assert.equal(missed(58), null);
});

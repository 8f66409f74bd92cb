import assert from "node:assert/strict";
import { Meter } from "../../static/meters.js";

/** As much of an element as a meter touches. */
class FakeElement {
  readonly parts: Record<string, FakeElement> = {};
  readonly set: Record<string, string> = {};
  readonly style = { setProperty: (name: string, value: string) => void (this.set[name] = value) };
  textContent = "";
  ariaValueNow = "";
  ariaValueText = "";

  querySelector(selector: string): FakeElement {
    return this.parts[selector] ??= new FakeElement();
  }
}

/** A meter, and what it shows of levels that are far enough apart for each to be shown at once. */
function aMeter() {
  Object.assign(globalThis, { HTMLElement: FakeElement });
  const element = new FakeElement();
  const meter = new Meter(element as unknown as HTMLElement);
  let nowMs = performance.now();
  return (level: { peak: number; rms: number }, afterMs = 10_000) => {
    meter.update(level, nowMs += afterMs);
    const { ariaValueNow, ariaValueText } = element.parts["[role=meter]"];
    const [bar, mark] = [".bar", ".mark"].map((part) => element.parts[part].set["--level"]);
    return { bar, mark, ariaValueNow, ariaValueText };
  };
}

Deno.test("Meter.update() shows a sine's bar and mark at its peak, and silence as quiet", () => {
  const shown = aMeter();
  assert.deepEqual(shown({ peak: 0.1, rms: 0.1 * Math.SQRT1_2 }), {
    bar: "0.667",
    mark: "0.667",
    ariaValueNow: "-20",
    ariaValueText: "\u221220 dBFS",
  });
  const quiet = { bar: "0.000", mark: "0.000", ariaValueNow: "-60", ariaValueText: "quiet" };
  for (const level of [0, 1e-9]) assert.deepEqual(shown({ peak: level, rms: level }), quiet);
  assert.equal(shown({ peak: 1, rms: 1 }).ariaValueNow, "0");
});

Deno.test("Meter.update() lets the bar fall by 20 dB a second, and holds the mark for 1.5 s", () => {
  const shown = aMeter();
  shown({ peak: 1, rms: Math.SQRT1_2 });
  const { bar, mark } = shown({ peak: 0, rms: 0 }, 1000);
  assert.deepEqual([bar, mark], ["0.667", "1.000"]);
  assert.equal(shown({ peak: 0, rms: 0 }, 1000).mark, "0.667");
});

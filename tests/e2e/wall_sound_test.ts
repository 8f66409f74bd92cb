import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import type { PcmClient } from "../support/pcm_client.ts";
import { testWith } from "../support/programs.ts";
import { playedBy } from "../support/taps.ts";
import { sleep, TestServer } from "../support/test_server.ts";
import { until } from "../support/until.ts";
import { WallPage } from "../support/wall_page.ts";

const MEDIA = { live: true };
/** As much as is quieter than any of the tones, and louder than what a fade leaves. */
const AUDIBLE = 0.05;
/** A busy machine disturbs what is heard in real time. */
const ATTEMPTS = 3;

/** Speaks one tone until `signal`. */
function speak(agent: PcmClient, hz: number, signal: AbortSignal): Promise<void> {
  const pcm = Int16Array.from(
    { length: 8000 * 30 },
    (_, index) => 10_000 * Math.sin((2 * Math.PI * hz * index) / 8000),
  );
  const options = { frameBytes: 320, frameMs: 20, signal };
  return agent.stream("user", new Uint8Array(pcm.buffer), options);
}

testWith(
  ["chromium"],
  "A click on the wall plays a call, another one's takes over without a gap",
  async () => {
    await using server = await TestServer.start();
    const browser = await openBrowser();
    const aborter = new AbortController();
    const speaking: Promise<void>[] = [];
    try {
      for (const [id, hz] of [["CA1", 300], ["CA2", 700]] as const) {
        const agent = await server.agent({
          callId: id,
          media: MEDIA,
          metadata: { from: `Mr ${id}` },
        });
        speaking.push(speak(agent, hz, aborter.signal));
      }
      await server.agent({ callId: "quiet", media: MEDIA });
      await server.agent({ callId: "off", media: { live: false } });
      const failures: unknown[] = [];
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        await using wall = await WallPage.open(browser, server, { tap: true });
        try {
          assert.equal(await listen(wall), 0, "ms of silence between the calls");
          assert.deepEqual([wall.errors, wall.foreign], [[], []]);
          return;
        } catch (error) {
          failures.push(error);
        }
      }
      throw new AggregateError(failures, failures.join("\n"));
    } finally {
      aborter.abort();
      await Promise.all(speaking);
      await browser.close();
    }
  },
);

/** Listens to both calls, one after the other; answers how long it was silent around the change, ms. */
async function listen(wall: WallPage): Promise<number> {
  const { page } = wall;
  await wall.connected();
  await wall.card("CA1").click();
  const bar = page.locator("#player");
  await page.locator('#player[data-state="playing"]').waitFor();
  assert.match(await bar.innerText(), /Mr CA1/);
  assert.equal(await wall.card("CA1").getAttribute("data-playing"), "playing");
  await until(() => wall.card("CA1").locator(".ears").innerText(), (text) => /^1/.test(text), "1");
  await sleep(500);
  await wall.card("CA2").click();
  await bar.filter({ hasText: "Mr CA2" }).waitFor();
  await until(() => wall.card("CA1").locator(".ears").isVisible(), (isThere) => !isThere, "gone");
  await wall.card("off").click();
  assert.match(await bar.innerText(), /Mr CA2/, "what cannot be heard takes nothing over");
  await sleep(300);
  const { peaks, sounds } = await playedBy(page);
  const [first, second] = sounds.map((sound) => sound.findIndex((peak) => peak > AUDIBLE));
  assert.ok(second - first > 50, "the second call was heard later");
  const last = sounds[0].findLastIndex((peak) => peak > AUDIBLE);
  assert.ok(last < sounds[1].length - 10, "and the first one ended");
  const around = peaks.slice(Math.max(first, second - 30), last + 30);
  const silent = around.filter((peak) => peak < AUDIBLE).length;

  // A call without sound takes over, too; then it is left with the keyboard.
  await wall.card("quiet").click();
  await bar.filter({ hasText: "quiet" }).waitFor();
  await page.keyboard.press("Escape");
  await bar.waitFor({ state: "hidden" });
  assert.equal(await wall.card("quiet").getAttribute("data-playing"), "none");
  return silent * 10;
}

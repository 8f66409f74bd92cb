import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { CallStage } from "../support/call_stage.ts";
import { inState } from "../support/player_scenes.ts";
import { testWith } from "../support/programs.ts";
import { sleep } from "../support/test_server.ts";
import { heardSecond, tellingTones } from "../support/tones.ts";

const PAST_SECONDS = 20;

/** Seconds into the call, as the page says. */
async function shownSecond(page: Page): Promise<number> {
  const [minutes, seconds] = (await page.locator("#position").innerText()).split(":").map(Number);
  return 60 * minutes + seconds;
}

/** Waits until a moment within two seconds of `from` is both shown and heard. */
async function isAt(page: Page, from: number): Promise<void> {
  const seen: string[] = [];
  for (let turn = 0; turn < 100; turn++) {
    const [heard, shown] = [await heardSecond(page), await shownSecond(page)];
    const isNear = (second: number) => second >= from && second <= from + 2;
    if (isNear(heard) && isNear(shown) && Math.abs(heard - shown) <= 1) return;
    seen.push(`${heard}/${shown}`);
    await sleep(50);
  }
  assert.fail(`heard/shown, instead of ${from}: ${seen.join(" ")}`);
}

/** Clicks the overview at a second of the call. */
async function clickOverview(page: Page, second: number): Promise<void> {
  const span = Number(await page.locator("#seek").getAttribute("max"));
  const { width } = (await page.locator("#overview").boundingBox())!;
  await page.locator("#seek").click({ position: { x: (second / span) * width, y: 10 } });
}

testWith(
  ["chromium"],
  "The player goes back in a running call, comes back to live, and plays on when the call is over",
  async () => {
    await using stage = await CallStage.open([]);
    const agent = await stage.server.agent({
      callId: "tones",
      media: { live: true, recording: true },
    });
    agent.bot(tellingTones(40));
    await stage.server.received("tones", "bot", 40 * 8000);
    for (let second = 1; second < PAST_SECONDS; second += 3) {
      await stage.pass(1000);
      agent.event("transcript", { who: "bot", text: `Said at ${second}` });
      await stage.pass(2000);
    }
    stage.live();
    const browser = await openBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(`${stage.player("tones")}#tap`);
      await inState(page, "idle");
      await page.locator(".line").nth(6).waitFor();
      assert.ok(await shownSecond(page) >= PAST_SECONDS, "what happened is there before the click");

      await page.locator("#toggle").click();
      await inState(page, "live");
      await clickOverview(page, 5);
      await inState(page, "behind");
      await isAt(page, 5);
      await page.keyboard.press("ArrowRight");
      await isAt(page, 10);
      await page.keyboard.press("Home");
      await isAt(page, 0);
      const line = page.locator(".line", { hasText: "Said at 13" });
      await line.click();
      await isAt(page, 12);
      assert.equal(await line.getAttribute("aria-current"), "true");
      await page.keyboard.press("l");
      await inState(page, "live");
      await isAt(page, await shownSecond(page));
      const [heardAt, lane] = [await shownSecond(page), await page.locator("#lane").boundingBox()];
      const middle = { x: lane!.x + lane!.width / 2, y: lane!.y + lane!.height / 2 };
      await page.mouse.move(middle.x, middle.y);
      await page.mouse.down();
      await page.mouse.move(middle.x + 200, middle.y, { steps: 5 });
      await page.mouse.up();
      // At first a second has 40 pixels.
      await isAt(page, heardAt - 5);

      agent.event("note", "<img src=x onerror=document.body.remove()>");
      await page.locator(".line", { hasText: "<img src=x" }).waitFor();
      assert.equal(await page.locator("#lines img").count(), 0);

      await clickOverview(page, 8);
      await isAt(page, 8);
      agent.end("hangup");
      // Over, but not for this listener, who goes on where they are, in the recording.
      await inState(page, "playing");
      const heard = await heardSecond(page);
      assert.ok(heard === -1 || heard >= 8 && heard <= 20, `plays on, heard ${heard}`);
      await page.keyboard.press("j");
      await isAt(page, 0);
      await page.locator("#downloads a").nth(3).waitFor();
      const mix = await page.locator("#downloads a").first().getAttribute("href");
      const download = await fetch(mix!);
      assert.equal(download.status, 200);
      assert.equal((await download.arrayBuffer()).byteLength > 20 * 16_000, true);
      assert.match(await page.locator("#ending").innerText(), /someone hung up/);
    } finally {
      await browser.close();
    }
  },
);

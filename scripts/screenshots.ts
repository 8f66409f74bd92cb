/**
 * Takes pictures of the pages in every state, in light and dark, on a phone and on a desk, into the folder
 * `data/screenshots`. Needs Chromium.
 *
 * ```sh
 * deno task screenshots            # all
 * deno task screenshots live ended # some states
 * ```
 *
 * @module
 */
import type { Browser } from "playwright-core";
import { openBrowser } from "../tests/support/browser.ts";
import type { CallStage } from "../tests/support/call_stage.ts";
import { openPlayerStage, openScene, PLAYER_SCENES } from "../tests/support/player_scenes.ts";

const FOLDER = new URL("../data/screenshots/", import.meta.url).pathname;
const VIEWPORTS = { phone: { width: 390, height: 844 }, wide: { width: 1440, height: 900 } };
const EMBEDDED = { width: 480, height: 240 };

/** Every state of the player page. @param wanted names of scenes; none for all */
async function shootPlayer(browser: Browser, stage: CallStage, wanted: readonly string[]) {
  for (const scene of PLAYER_SCENES) {
    if (wanted.length > 0 && !wanted.includes(scene.name)) continue;
    const context = await browser.newContext({ viewport: VIEWPORTS.wide });
    const page = await openScene(scene, context, stage);
    const sizes = scene.name === "embedded" ? { frame: EMBEDDED } : VIEWPORTS;
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        // A frame for the canvases, and for meters to move.
        await page.waitForTimeout(300);
        const path = `${FOLDER}player-${scene.name}-${size}-${colorScheme}.png`;
        await page.screenshot({ path, fullPage: size === "phone" });
        console.log(path);
      }
    }
    await context.close();
  }
}

if (import.meta.main) {
  await Deno.mkdir(FOLDER, { recursive: true });
  const browser = await openBrowser();
  try {
    await using stage = await openPlayerStage();
    await shootPlayer(browser, stage, Deno.args);
  } finally {
    await browser.close();
  }
}

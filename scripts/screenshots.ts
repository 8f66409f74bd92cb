/**
 * Takes pictures of the pages in every state, in light and dark, on a phone and on a desk, into the folder
 * `data/screenshots`. Needs Chromium.
 *
 * ```sh
 * deno task screenshots            # all
 * deno task screenshots live ended # some states
 * deno task screenshots wall-table # some states of the wall
 * ```
 *
 * @module
 */
import type { Browser } from "playwright-core";
import { openBrowser } from "../tests/support/browser.ts";
import type { CallStage } from "../tests/support/call_stage.ts";
import { openPlayerStage, openScene, PLAYER_SCENES } from "../tests/support/player_scenes.ts";
import { openWallScene, WALL_SCENES, WallStage } from "../tests/support/wall_stage.ts";

const FOLDER = new URL("../data/screenshots/", import.meta.url).pathname;
const VIEWPORTS = { phone: { width: 390, height: 844 }, wide: { width: 1440, height: 900 } };
/** A screen on a wall. */
const LARGEST = { width: 3840, height: 2160 };
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

/** Every state of the wall of calls. @param wanted names of scenes with `wall-` before; none for all */
async function shootWall(browser: Browser, stage: WallStage, wanted: readonly string[]) {
  for (const scene of WALL_SCENES) {
    if (wanted.length > 0 && !wanted.includes(`wall-${scene.name}`)) continue;
    for (const [size, viewport] of Object.entries({ ...VIEWPORTS, largest: LARGEST })) {
      await using wall = await openWallScene(scene, browser, stage, { viewport });
      for (const colorScheme of ["light", "dark"] as const) {
        await wall.page.emulateMedia({ colorScheme });
        await wall.page.waitForTimeout(1000);
        const path = `${FOLDER}wall-${scene.name}-${size}-${colorScheme}.png`;
        await wall.page.screenshot({ path });
        console.log(path);
      }
    }
  }
}

if (import.meta.main) {
  await Deno.mkdir(FOLDER, { recursive: true });
  const browser = await openBrowser();
  try {
    const isWall = (name: string) => name.startsWith("wall-");
    if (Deno.args.length === 0 || !Deno.args.every(isWall)) {
      await using stage = await openPlayerStage();
      await shootPlayer(browser, stage, Deno.args);
    }
    if (Deno.args.length === 0 || Deno.args.some(isWall)) {
      await using stage = await WallStage.open();
      await shootWall(browser, stage, Deno.args);
    }
  } finally {
    await browser.close();
  }
}

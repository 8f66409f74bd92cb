import assert from "node:assert/strict";
import { violationsOf } from "../support/axe.ts";
import { openBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { openWallScene, WALL_SCENES, WallStage } from "../support/wall_stage.ts";

testWith(
  ["chromium"],
  "The wall reaches every state, accessible in each, light, dark and narrow",
  async () => {
    await using stage = await WallStage.open();
    const browser = await openBrowser();
    try {
      const wrong: string[] = [];
      for (const scene of WALL_SCENES) {
        await using wall = await openWallScene(scene, browser, stage, {
          bypassCSP: true,
          reducedMotion: "reduce",
          colorScheme: "light",
        });
        const { page } = wall;
        const found = await violationsOf(page);
        await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
        found.push(...await violationsOf(page, ["color-contrast"]));
        await page.setViewportSize({ width: 360, height: 640 });
        const most = await page.evaluate<number>("document.documentElement.scrollWidth");
        if (most > 360) found.push(`${most} pixels wide in 360`);
        wrong.push(...[...found, ...wall.errors].map((text) => `${scene.name}: ${text}`));
      }
      assert.deepEqual(wrong, []);
    } finally {
      await browser.close();
    }
  },
);

import axe from "axe-core";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { inState, openPlayerStage, openScene, PLAYER_SCENES } from "../support/player_scenes.ts";
import { CallStage } from "../support/call_stage.ts";
import { testWith } from "../support/programs.ts";

/** What the accessibility engine finds wrong, a line each. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const options = rules === undefined ? {} : { runOnly: { type: "rule", values: rules } };
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(document, ${JSON.stringify(options)})`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`)
  );
}

testWith(
  ["chromium"],
  "The player reaches every state, and is accessible in each, light, dark and narrow",
  async () => {
    await using stage = await openPlayerStage();
    const browser = await openBrowser();
    try {
      const wrong: string[] = [];
      for (const scene of PLAYER_SCENES) {
        // Its policy would keep the engine out; nothing else is different.
        const context = await browser.newContext({ bypassCSP: true });
        await context.addInitScript(axe.source);
        const page = await openScene(scene, context, stage);
        await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
        const found = await violations(page);
        await page.emulateMedia({ colorScheme: "dark" });
        found.push(...await violations(page, ["color-contrast"]));
        for (const width of [360, 320]) {
          await page.setViewportSize({ width, height: 640 });
          const most = await page.evaluate<number>("document.documentElement.scrollWidth");
          if (most > width) found.push(`${most} pixels wide in ${width}`);
        }
        wrong.push(...found.map((text) => `${scene.name}: ${text}`));
        await context.close();
      }
      assert.deepEqual(wrong, []);
    } finally {
      await browser.close();
    }
  },
);

testWith(["chromium"], "The player can be used with a keyboard alone", async () => {
  await using stage = await CallStage.open([{ id: "keys" }]);
  await stage.pass(15_000);
  stage.live();
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(stage.player("keys"));
    await inState(page, "idle");
    const pressed = (id: string) => page.locator(id).getAttribute("aria-pressed");
    /** By id or words; empty when nothing of the page has the focus. */
    const focused = () =>
      page.evaluate<string>(`(({ activeElement: { id, ariaLabel, textContent }, body }) =>
        document.activeElement === body ? "" : id || ariaLabel || textContent.trim())(document)`);

    // Every control can be reached, in the order of the page, and shows that it is.
    const stops: string[] = [];
    for (let stop = 0; stop < 40; stop++) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate<string>(
        "getComputedStyle(document.activeElement).outlineStyle",
      );
      const name = await focused();
      if (name === "") break;
      stops.push(name);
      assert.ok(name === "seek" || outline !== "none", `${name} shows no focus`);
    }
    for (const id of ["copy", "show-keys", "toggle", "seek", "last-bot", "follow", "volume"]) {
      assert.ok(stops.includes(id), `${id} is reached: ${stops}`);
    }

    await page.locator("#toggle").focus();
    await page.keyboard.press("Enter");
    await inState(page, "live", "silence");
    await page.locator("#call").click();
    await page.keyboard.press("m");
    assert.equal(await pressed("#mute"), "true");
    await page.keyboard.press("ArrowDown");
    assert.equal(await pressed("#mute"), "false");
    assert.equal(await page.locator("#volume").inputValue(), "95");
    await page.keyboard.press("u");
    assert.equal(await pressed("#user .mute"), "true");
    await page.keyboard.press("Shift+A");
    assert.equal(await pressed("#bot .solo"), "true");
    await page.keyboard.press("b");
    await inState(page, "behind");
    await page.keyboard.press("4");
    assert.equal(await pressed("[data-command=speed4]"), "true");
    await page.keyboard.press("Space");
    await inState(page, "held");
    await page.keyboard.press("Space");
    await inState(page, "behind");
    await page.keyboard.press("l");
    await inState(page, "live", "silence");

    await page.keyboard.press("?");
    await page.locator("#keys[open]").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#keys[open]").count(), 0);

    // The list is one stop; within it the arrows walk, and Enter goes there.
    await page.locator('.line[tabindex="0"]').focus();
    assert.equal(await page.locator('.line[tabindex="0"]').count(), 1);
    await page.keyboard.press("Home");
    assert.equal(await pressed("#follow"), "false");
    await page.keyboard.press("ArrowDown");
    assert.match(await focused(), /internet keeps dropping/);
    await page.keyboard.press("Enter");
    await inState(page, "behind");
    assert.match(await page.locator("#position").innerText(), /^0:0[678]$/);
    await page.keyboard.press("f");
    assert.equal(await pressed("#follow"), "true");
  } finally {
    await browser.close();
  }
});

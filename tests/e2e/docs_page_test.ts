import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { TestServer } from "../support/test_server.ts";

testWith(
  ["chromium"],
  "/docs shows every operation of openapi.json, and nothing fails",
  async () => {
    await using server = await TestServer.start();
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      await page.goto(`${server.origin}/docs`);
      await page.locator("#notice").waitFor({ state: "hidden" });
      const shown = await page.locator("#operations h2").allTextContents();
      const { paths } = await (await fetch(`${server.origin}/openapi.json`)).json();
      const described = Object.entries<object>(paths).flatMap(([path, operations]) =>
        Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
      );
      assert.deepEqual(shown, described);
      assert.ok(shown.includes("GET /calls/{id}/recording"));
      assert.deepEqual(problems, []);
    } finally {
      await browser.close();
    }
  },
);

import assert from "node:assert/strict";
import { SETTINGS } from "../../config.ts";
import { settingsTable } from "../../scripts/settings_table.ts";

Deno.test("settingsTable() has one row for each setting, with its default and its meaning", () => {
  const [, , ...rows] = settingsTable().split("\n");
  const settings = Object.values(SETTINGS);
  assert.equal(rows.length, settings.length);
  for (const [index, setting] of settings.entries()) {
    const [, name, byDefault, takes, doc] = rows[index].split("|").map((cell) => cell.trim());
    assert.equal(name, `\`${setting.env}\``);
    assert(byDefault.includes("default" in setting ? setting.default : setting.unset));
    assert.equal(takes, setting.parser.takes);
    assert.equal(doc, setting.doc);
  }
  assert(settingsTable().includes("| `100` ms "));
});

Deno.test("settingsTable() is laid out as deno fmt leaves it", async () => {
  const fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--no-config", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = fmt.stdin.getWriter();
  await writer.write(new TextEncoder().encode(settingsTable()));
  await writer.close();
  const { stdout } = await fmt.output();
  assert.equal(new TextDecoder().decode(stdout).trimEnd(), settingsTable());
});

import assert from "node:assert/strict";
import { pack } from "../../scripts/pack.ts";
import { run, testWith } from "../support/programs.ts";
import { KEY, TestServer } from "../support/test_server.ts";

/** Runs in Node from the installed package: one call, published and heard. */
const PROGRAM = `
import { Earshot } from "earshot";
const earshot = new Earshot({ url: process.argv[2], apiKey: process.argv[3] });
const call = earshot.call({ id: "N1", media: { live: true, recording: true } });
await call.started;
const listening = earshot.listen("N1", { channels: 2, from: 0 });
call.bot.write(new Int16Array(4000).fill(1234));
let heard = 0;
for await (const value of listening) {
  if (value.type === "audio") heard += value.samples.filter((s, i) => i % 2 && s === 1234).length;
  if (value.type === "audio" && heard >= 3000) call.end();
  if (value.type === "end") console.log(JSON.stringify(value));
}
console.log((await call.closed).code, heard > 3000);
`;

testWith(["node"], "The packed client publishes and hears a call in Node, with types", async () => {
  const folder = await Deno.makeTempDir();
  await using server = await TestServer.start();
  try {
    const tarball = await pack(folder);
    await Deno.writeTextFile(`${folder}/package.json`, '{"type":"module"}');
    const npm = ["install", "--offline", "--no-audit", "--no-fund", "--prefix", folder, tarball];
    await run("npm", npm);
    await Deno.writeTextFile(`${folder}/main.js`, PROGRAM);
    const output = await run("node", [`${folder}/main.js`, server.origin, KEY]);
    assert.deepEqual(new TextDecoder().decode(output).trim().split("\n"), [
      '{"type":"end","code":1000,"reason":"call ended"}',
      "ended true",
    ]);
    const types = await Deno.readTextFile(`${folder}/node_modules/earshot/mod.d.ts`);
    assert.match(types, /export \* from "\.\/earshot\.js"/);

    const cli = `${folder}/node_modules/.bin/earshot`;
    const earshot = async (...args: string[]) =>
      new TextDecoder().decode(
        await run(cli, ["--url", server.origin, "--key", KEY, ...args]),
      );
    assert.match(await earshot("calls"), /^N1\tended\t/);
    assert.match(await earshot("token", "N1"), /\/live\/N1\/player\?token=ey/);
    await earshot("record", "N1", `${folder}/n1.wav`);
    assert.equal((await Deno.readTextFile(`${folder}/n1.wav`)).slice(0, 4), "RIFF");
    assert.doesNotMatch(await earshot("doctor"), /^bad/m);

    const second = new Int16Array(8000).fill(77);
    const options = ["--url", server.origin, "--key", KEY];
    const published = run(cli, [...options, "publish", "N2"], new Uint8Array(second.buffer));
    await server.received("N2", "bot", 8000);
    const pcm = await run(cli, [...options, "listen", "N2", "0"]);
    await published;
    const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength >> 1);
    const heard = samples.filter((sample) => sample === 77).length;
    assert.ok(heard > 7000, `heard ${heard} of 8000 samples`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

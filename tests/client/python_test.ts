import assert from "node:assert/strict";
import { testInstalled } from "../support/installed.ts";
import { run } from "../support/programs.ts";
import { KEY, TestServer } from "../support/test_server.ts";

const SOURCE = new URL("../../clients/python/", import.meta.url).pathname;

const PROGRAM = `
import asyncio, sys
from earshot import Audio, CallRefused, Earshot, End, Event

async def main():
    earshot = Earshot(sys.argv[1], sys.argv[2])
    async with earshot.call("P1", media={"live": True}) as call:
        assert call.player_url.endswith("/live/P1/player")
        heard = 0
        call.bot.write((1234).to_bytes(2, "little") * 4000)
        call.transcript("bot", "Hello")
        async for value in earshot.listen("P1", channels=2, start=0):
            if isinstance(value, Audio):
                heard += memoryview(value.pcm).cast("h").tolist().count(1234)
                if heard > 3000: await call.end()
            elif isinstance(value, Event): print(value.name, value.data)
            elif isinstance(value, End): print(value.code, value.reason)
    try:
        await Earshot(sys.argv[1], "wrong-key-0123456789").call().start()
    except CallRefused as error: print(error.code)

asyncio.run(asyncio.wait_for(main(), 20))
`;

testInstalled(
  "The Python wheel publishes and hears a call from an empty environment",
  async (folder) => {
    await using server = await TestServer.start();
    // Built from a copy: a build leaves its traces beside the sources.
    await run("cp", ["-r", SOURCE, `${folder}/source`]);
    await run("python3", ["-m", "venv", `${folder}/venv`]);
    const python = `${folder}/venv/bin/python`;
    const pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"];
    await run(python, [...pip, "wheel", "--no-deps", "-w", folder, `${folder}/source`]);
    await run(python, [...pip, "install", `${folder}/earshot-0.1.0-py3-none-any.whl`]);
    const output = await run(python, ["-c", PROGRAM, server.origin, KEY]);
    assert.deepEqual(new TextDecoder().decode(output).trim().split("\n").sort(), [
      "1000 call ended",
      "transcript {'track': 'bot', 'text': 'Hello'}",
      "unauthorized",
    ]);
  },
);

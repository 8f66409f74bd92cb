import assert from "node:assert/strict";
import { clickDbfs, p95, telephoneSpeech } from "../mixer/support/clicks.ts";
import { openBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { sleep, TestServer } from "../support/test_server.ts";
import { BrowserListening } from "./browser_listening.ts";

const RATE = 8000;
const BARGE_INS = 3;

testWith(
  ["chromium", "espeak-ng", "sox"],
  "Listening does not click, whatever cuts into what is said",
  async () => {
    const speech = await telephoneSpeech();
    const bytes = new Uint8Array(speech.buffer, speech.byteOffset, speech.byteLength);
    await using server = await TestServer.start();
    const browser = await openBrowser();
    try {
      const media = { live: true, recording: true };
      const agent = await server.agent({ callId: "CA1", sampleRate: RATE, media });
      agent.bot(bytes.slice());
      const listener = await BrowserListening.open(browser, server, "CA1", RATE);
      await listener.played(1);
      for (let n = 0; n < BARGE_INS; n++) {
        agent.clear();
        await sleep(300);
        agent.bot(bytes.slice(32_000 * n));
        await sleep(700);
      }
      await listener.tell("setMix", { bot: { mute: true } });
      await sleep(100);
      await listener.tell("setMix", { volume: 0.7, balance: 0.5 });
      await sleep(300);
      await listener.tell("pause");
      await sleep(200);
      await listener.tell("play");
      await sleep(300);
      await listener.tell("setSpeed", 1.7);
      await sleep(500);
      await listener.tell("seek", 0.7);
      await sleep(700);
      await listener.tell("goLive");
      await listener.marked({ playing: true, live: true });
      const before = await listener.frame();
      await listener.suspend(3000);
      await listener.marked({ after: before + RATE, playing: true, live: true });
      const { samples, marks } = await listener.close();
      agent.end("hangup");
      await agent.closed;
      // Everything that was heard, in steps that overlap: the speech has nothing above 3.4 kHz.
      const heard = Int16Array.from(samples, (sample) => Math.round(32_768 * sample));
      const levels: number[] = [];
      for (let at = 400; at < heard.length - 400; at += 200) levels.push(clickDbfs(heard, at));
      const loud = heard.filter((sample) => Math.abs(sample) > 1000).length;
      assert.ok(loud > RATE, `${loud} loud samples`);
      const most = Math.max(...levels);
      if (Deno.env.get("REPORT") === "1") {
        console.log(`p95 ${p95(levels).toFixed(1)}, at most ${most.toFixed(1)} dBFS`);
      }
      assert.ok(p95(levels) <= -80, `p95 ${p95(levels)} dBFS`);
      assert.ok(most <= -65, `at most ${most} dBFS`);
      const last = marks.at(-1)!;
      assert.ok(last.edge - last.position < 0.6 * RATE, JSON.stringify(last));
    } finally {
      await browser.close();
    }
  },
);

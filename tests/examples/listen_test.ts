import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { run, testWith } from "../support/programs.ts";
import { startToneServer } from "./tone_server.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;
const DECODER = new TextDecoder();

/** `listen.mjs` is for Node.js; Deno runs it, too, and finds `ws` without an npm install. */
function listenArgs(url: string, key: string, wav: string): string[] {
  const options = ["--url", url, "--key", key, "--call", "CA 1", wav];
  return ["run", "--quiet", "-A", `${EXAMPLES}listen.mjs`, ...options];
}

testWith(["python3", "sox"], "examples/listen.mjs writes a WAV of all sound received", async () => {
  await using server = startToneServer(20, 5);
  const wav = await Deno.makeTempFile({ suffix: ".wav" });
  try {
    await run(Deno.execPath(), listenArgs(server.url, "key", wav));
    assert.deepEqual(server.requests, ["/live/CA%201/ws?silence=pcm"]);
    const script = "import sys,wave; print(*wave.open(sys.argv[1]).getparams()[:4])";
    const params = DECODER.decode(await run("python3", ["-c", script, wav])).trim();
    assert.equal(params, `1 2 16000 ${20 * 800}`);
    const raw = await run("sox", [wav, "-t", "raw", "-e", "signed", "-b", "16", "-"]);
    const samples = new Int16Array(raw.buffer);
    assert.equal(samples.length, 20 * 800);
    const differ = samples.filter((sample, i) => sample !== samples[i % 16]);
    assert.equal(differ.length, 0);
  } finally {
    await Deno.remove(wav);
  }
});

Deno.test("examples/listen.mjs fails with the server's status", async () => {
  await using server = startToneServer(1, 5);
  const failed = run(Deno.execPath(), listenArgs(server.url, "wrong", "/nonexistent/x.wav"));
  await assert.rejects(failed, /ended with 1: Cannot listen: the server answered 401/);
});

testWith(["chromium"], "examples/listen.html plays a call at its own rate", async () => {
  await using server = startToneServer(30, 50, await Deno.readTextFile(`${EXAMPLES}listen.html`));
  // Without flags that allow sound by itself: the page must begin it in a click.
  const executablePath = DECODER.decode(await run("which", ["chromium"])).trim();
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.addInitScript(tapAudio);
    await page.goto(`${server.url}/?url=${encodeURIComponent(server.url)}&call=CA1&token=key`);
    await page.click("button");
    await page.waitForFunction(
      `document.querySelector("[role=status]").textContent.includes("16000")`,
    );
    await page.waitForTimeout(700);
    const [hertz, level] = await page.evaluate("heard()") as [number, number];
    assert.ok(Math.abs(hertz - 1000) < 30, `${hertz} Hz`);
    assert.ok(level > 0.1, `level ${level}`); // the sine's RMS is 0.17
    await page.waitForFunction(`document.querySelector("button").textContent === "Listen"`);
    assert.equal(await page.textContent("[role=status]"), "The call has ended");
    assert.deepEqual(server.requests, ["/live/CA1/ws?token=key"]);
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
  }
});

/** Runs in the page before its own code: `heard()` answers the strongest frequency and the RMS. */
const tapAudio = `
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 8192;
    connect.call(this, analyser);
    globalThis.heard = () => {
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      const loudest = bins.indexOf(Math.max(...bins));
      const samples = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(samples);
      const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
      const rms = Math.sqrt(energy / samples.length);
      return [loudest * this.context.sampleRate / analyser.fftSize, rms];
    };
    return connect.call(this, to, ...rest);
  };
`;

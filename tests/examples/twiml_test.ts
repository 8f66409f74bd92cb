import assert from "node:assert/strict";
import { run, testWith } from "../support/programs.ts";

const TWIML = new URL("../../examples/twiml.xml", import.meta.url).pathname;

testWith(["python3"], "examples/twiml.xml streams both tracks with a token", async () => {
  const script = [
    "import sys, json, xml.etree.ElementTree as tree",
    "stream = tree.parse(sys.argv[1]).getroot().find('Start/Stream')",
    "names = {p.get('name'): p.get('value') for p in stream.findall('Parameter')}",
    "print(json.dumps([stream.attrib, names]))",
  ].join("\n");
  const output = new TextDecoder().decode(await run("python3", ["-c", script, TWIML]));
  assert.deepEqual(JSON.parse(output), [
    { url: "wss://earshot.example.com/ingest/twilio", track: "both_tracks" },
    { token: "YOUR_KEY", live: "true", recording: "true", agent: "support" },
  ]);
});

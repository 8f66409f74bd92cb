import assert from "node:assert/strict";
import { run, testWith } from "./support/programs.ts";

/** Runs a command in a terminal of its own until it says `until`, presses Ctrl+C, and prints all of it. */
const TERMINAL = `
import os, pty, select, sys, time
until, command = sys.argv[1].encode(), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
output, deadline, pressed = b"", time.monotonic() + 60, False
while time.monotonic() < deadline:
    if terminal in select.select([terminal], [], [], 0.1)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        output += data
    if b"Allow?" in output:
        break
    if until in output and not pressed:
        pressed = True
        os.write(terminal, b"\\x03")
os.kill(child, 9) if not pressed else None
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(output.decode(errors="replace"))
print("exit", status)
`;

testWith(
  ["python3"],
  "deno task start asks nothing in a terminal, and ends with Ctrl+C",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const settings = [
        "EARSHOT_PORT=0",
        "EARSHOT_DEMO=false",
        `EARSHOT_RECORDINGS=file:${folder}/recordings`,
        `EARSHOT_STATE=file:${folder}/state`,
      ];
      const command = ["env", ...settings, Deno.execPath(), "task", "start"];
      const output = new TextDecoder().decode(
        await run("python3", ["-c", TERMINAL, "Stop with Ctrl+C", ...command]),
      );
      assert.doesNotMatch(output, /Allow\?|requests .* access/);
      assert.match(output, /Earshot is ready/);
      assert.match(output, /exit (0|130)/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

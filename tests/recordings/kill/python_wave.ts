const SCRIPT = `
import sys, wave
for line in sys.stdin:
    with wave.open(line.rstrip("\\n")) as f:
        n = f.getnframes()
        ok = f.getnchannels() == 2 and len(f.readframes(n)) == 4 * n
    print(n if ok else -1, flush=True)
`;

/** Python's `wave` module in one process, asked of one file after the other. */
export class PythonWave implements AsyncDisposable {
  readonly #child = new Deno.Command("python3", {
    args: ["-c", SCRIPT],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  readonly #writer = this.#child.stdin.getWriter();
  readonly #reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  #rest = "";
  #last: Promise<unknown> = Promise.resolve();

  /** How many frames a stereo file has and holds; -1 when the two are not the same. */
  framesOf(path: string): Promise<number> {
    const answer = this.#last.then(() => this.#ask(path));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(path: string): Promise<number> {
    await this.#writer.write(new TextEncoder().encode(`${path}\n`));
    while (!this.#rest.includes("\n")) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`Cannot read ${path} with Python`);
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return Number(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#reader.cancel();
    await this.#child.status;
  }
}

import { pinned } from "./pinned.ts";
import { type ProcessUsage, processUsage } from "./process_usage.ts";

/** The core every server is pinned to; the load has another one. */
const SERVER_CORE = 0;
const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 15_000;

/** How a server is started. */
export interface ServerCommand {
  /** @default this Deno */
  program?: string;
  args: string[];
  env?: Record<string, string>;
}

/** A server that is measured. */
export interface Contestant {
  readonly name: string;
  /** How long it runs under load before it does all of its work at full speed, s. */
  readonly warmupSeconds: number;
  /** What it answers to GET /healthz once it is ready. @default {200} */
  readonly readyStatus?: number;
  /** How it is started on a port of this machine. */
  command(port: number): ServerCommand;
}

/** A server running in a process of its own, pinned to one core. */
export class ServerProcess {
  readonly port: number;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @param logPath where its standard output and errors go
   * @param pollMs how often it is asked
   * @throws when it does not answer in time
   */
  static async start(
    contestant: Contestant,
    logPath: string,
    pollMs = 50,
  ): Promise<ServerProcess> {
    const port = freePort();
    const { program = Deno.execPath(), args, env = {} } = contestant.command(port);
    const log = await Deno.open(logPath, { create: true, append: true });
    const child = pinned(SERVER_CORE, program, args, {
      cwd: new URL("..", import.meta.url).pathname,
      env: { ...env, NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
    child.stderr.pipeTo(log.writable).catch(() => {});
    const server = new ServerProcess(child, port);
    try {
      await server.#ready(pollMs, contestant.readyStatus ?? 200);
      return server;
    } catch {
      await server.stop();
      throw new Error(`Cannot start ${contestant.name}: ${Deno.readTextFileSync(logPath)}`);
    }
  }

  /** What the process has used so far. */
  usage(): ProcessUsage {
    return processUsage(this.#child.pid);
  }

  /** Ends the process, kindly at first. */
  async stop(): Promise<void> {
    const kill = (signal: Deno.Signal) => {
      try {
        this.#child.kill(signal);
      } catch {
        // Ended already.
      }
    };
    kill("SIGTERM");
    const timer = setTimeout(() => kill("SIGKILL"), STOP_WITHIN_MS);
    await this.#child.status;
    clearTimeout(timer);
  }

  async #ready(pollMs: number, status: number): Promise<void> {
    const untilMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        const response = await fetch(`http://127.0.0.1:${this.port}/healthz`);
        await response.body?.cancel();
        if (response.status === status) return;
        throw new Error(`it answers ${response.status}`);
      } catch (error) {
        if (performance.now() > untilMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    }
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

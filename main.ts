import {
  type ApiKey,
  type Config,
  ConfigError,
  loadConfig,
  Secret,
  unknownSettings,
} from "./config.ts";
import { DemoCall } from "./demo/demo.ts";
import { createLog, type Log } from "./log.ts";
import { systemClock } from "./mixer/clock.ts";
import { banner } from "./banner.ts";
import { startServer } from "./server.ts";

const config = readConfig();
const log = createLog(config.log);
for (const line of unknownSettings(await settingNames())) log.warn(line);
const developmentKey = config.developmentMode ? `dev-${crypto.randomUUID()}` : undefined;
const keys: readonly ApiKey[] | undefined = developmentKey === undefined
  ? undefined
  : [{ organisation: "dev", key: new Secret(developmentKey) }];
const server = await startServer({ config, clock: systemClock, log, ...(keys && { keys }) })
  .catch(explain);
const stopping = new AbortController();
const demo = developmentKey !== undefined && config.demo
  ? runDemo(developmentKey, stopping.signal, log)
  : Promise.resolve();
console.log(banner({ config, origin: server.origin, developmentKey }));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, async () => {
    stopping.abort();
    await demo;
    await server.close();
    Deno.exit(0);
  });
}

function readConfig(): Config {
  try {
    return loadConfig((name) => Deno.env.get(name));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}

/** Says in one line what keeps the server from starting, where it is the machine and not the program. */
function explain(error: unknown): never {
  const where = `${config.host}:${config.port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    console.error(`Cannot start: ${where} is in use; set EARSHOT_PORT to another port`);
  } else if (error instanceof Deno.errors.PermissionDenied) {
    console.error(`Cannot start: ${error.message}`);
  } else {
    throw error;
  }
  Deno.exit(1);
}

/** All names of the environment, or none where only Earshot's own may be read, one by one. */
async function settingNames(): Promise<string[]> {
  // Asked for outright, a terminal would ask its user for the permission, and the start would wait.
  const { state } = await Deno.permissions.query({ name: "env" });
  return state === "granted" ? Object.keys(Deno.env.toObject()) : [];
}

async function runDemo(key: string, signal: AbortSignal, log: Log): Promise<void> {
  // The demo's recording of the last start is in the way of this one's.
  const recording = `${server.origin}/calls/demo/recording`;
  const headers = { "Authorization": `Bearer ${key}` };
  const response = await fetch(recording, { method: "DELETE", headers });
  await response.body?.cancel();
  const call = new DemoCall({
    url: `${server.origin.replace(/^http/, "ws")}/ingest/pcm`,
    key,
    clock: systemClock,
    callId: "demo",
    onProblem: (error) => log.warn("demo call", { error }),
  });
  await call.run(signal);
}

import { Authorizer } from "./auth/authorize.ts";
import { KeyRing } from "./auth/keys.ts";
import { ListenTokens } from "./auth/tokens.ts";
import { Audience } from "./calls/audience.ts";
import type { CallObserver, CallSinkFactory } from "./calls/call.ts";
import { logCalls } from "./call_log.ts";
import { CallHealth } from "./calls/health.ts";
import { CallIndex } from "./archive/call_index.ts";
import { tellAll } from "./calls/call_observers.ts";
import { openIndexDatabase } from "./archive/index_database.ts";
import { Places } from "./calls/places.ts";
import { CallRegistry } from "./calls/registry.ts";
import { Retention, type RetentionLimits } from "./archive/retention.ts";
import type { ApiKey, Config } from "./config.ts";
import { CallFollowers } from "./events/call_followers.ts";
import { EventStreams } from "./events/event_streams.ts";
import { EventHub } from "./events/hub.ts";
import { LevelWatch } from "./events/level_watch.ts";
import { providers as knownProviders } from "./ingest/mod.ts";
import type { Provider } from "./ingest/provider.ts";
import { HttpServer } from "./http_server.ts";
import type { Log } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { type Clock, settlesWithin } from "./mixer/clock.ts";
import { Ticker } from "./mixer/ticker.ts";
import { FlacPool } from "./recordings/flac_pool.ts";
import { openStore } from "./open_store.ts";
import type { RecordingRef, RecordingStore } from "./recordings/store.ts";
import { S3Store } from "./recordings/s3_store.ts";
import { createApp } from "./routes/app.ts";
import { CallEvents } from "./routes/call_events.ts";
import { answerHead } from "./routes/head.ts";
import type { Services } from "./routes/services.ts";
import { Downloads } from "./routes/downloads.ts";
import { IngestSockets } from "./sessions/ingest_sockets.ts";
import { openWebhooks } from "./webhooks/open.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

/** What the server is given from outside. */
export interface ServerOptions {
  config: Config;
  clock: Clock;
  log: Log;
  /** The keys it takes; left out, those of the configuration. */
  keys?: readonly ApiKey[];
  /** The ways for call audio to come in; left out, those of `ingest/mod.ts`. */
  providers?: readonly Provider[];
  /** Who else consumes the live audio of every call. */
  sinks?: readonly CallSinkFactory[];
}

/** A running server. */
export interface Server {
  /** Where it is reached on this machine, without a slash at the end. */
  readonly origin: string;
  /**
   * Lets everybody go: ends the calls, completes their recordings, closes all sockets. Settles within
   * about 5 s whatever the other ends do. Idempotent.
   */
  close(): Promise<void>;
}

/** The consumers of live audio that every call has beside its listeners and its recorder, one a line. */
const knownSinks: readonly CallSinkFactory[] = [
  CallHealth.of,
];

/** How long recordings may take to complete when the server stops, ms; hosts allow 5 s for everything. */
const RECORDINGS_MS = 3500;
const SHUTDOWN_MS = 1000;
/** How long the start waits for the list of calls to be complete, ms; then it is completed meanwhile. */
const RESTORE_MS = 2000;
const DAY_MS = 86_400_000;
const GB = 1e9;

/** Builds all objects and listens. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, clock, log, keys: given, providers = knownProviders } = options;
  const metrics = new Metrics();
  const ticker = new Ticker(clock, { onWake: metrics.observeLateness });
  const observers: CallObserver[] = [];
  const observer = tellAll(observers, (error) => log.error("call observer failed", { error }));
  const { store, index, calls } = await openCalls(options, { ticker, observer });
  const audience = new Audience({
    clock,
    maxPerCall: config.maxListenersPerCall,
    maxPerOrganisation: config.maxListenersPerOrg,
    maxSlowMs: config.slowListenerSeconds * 1000,
    onChange: (call, { joined }) => observer({ type: "listeners", call, joined }),
  });
  const hub = new EventHub({ keptPerOrganisation: config.eventsKept });
  const levels = new LevelWatch(clock, () => calls.active);
  const followers = new CallFollowers();
  const events = new CallEvents({ hub, audience }, config.publicUrl ?? "");
  observers.push(metrics.observe, logCalls(log));
  observers.push(levels.observe, events.observe, followers.observe);
  const webhooks = await startWebhooks(config, { clock, log, hub, metrics });
  await settlesWithin(clock, RESTORE_MS, calls.archive.restore());
  const retention = startRetention(config, { clock, log, calls, metrics });
  const keys = new KeyRing(given ?? config.apiKeys ?? []);
  const tokens = new ListenTokens({ clock, secret: config.tokenSecret });
  const services: Services = {
    config,
    clock,
    ticker,
    log,
    keys,
    tokens,
    authorizer: new Authorizer({ keys, tokens }),
    calls,
    audience,
    store,
    flacPool: new FlacPool({ clock, maxActive: config.maxConversions }),
    downloads: new Downloads({ clock, maxPerOrganisation: config.maxDownloadsPerOrg }),
    providers,
    ingestSockets: new IngestSockets({
      clock,
      maxUnauthenticated: config.maxUnauthenticatedSockets,
      maxAuthenticated: 2 * config.maxCalls,
    }),
    hub,
    streams: new EventStreams({ clock, maxPerOrganisation: config.maxEventStreamsPerOrg }),
    levels,
    followers,
    catchUps: new Places(config.maxCatchingUp),
    metrics: metrics.text,
  };
  metrics.watch({ ...services, index });
  if (store instanceof S3Store) metrics.watchUploads(store);
  const http = listen(services);
  metrics.watchHttp(http);
  let closing: Promise<void> | undefined;
  const close = async () => {
    const retentionClosed = retention.close();
    await closeCalls(services);
    services.streams.close();
    await webhooks?.close();
    await settlesWithin(clock, SHUTDOWN_MS, Promise.all([http.shutdown(), retentionClosed]));
    index.close();
    services.flacPool.close();
  };
  return { origin: originOf(config.host, http.addr.port), close: () => closing ??= close() };
}

/** The calls, with the store and the index of what is kept of them. Nobody knows yet what was kept. */
async function openCalls(
  { config, clock, log, sinks = [] }: ServerOptions,
  { ticker, observer }: { ticker: Ticker; observer: CallObserver },
): Promise<{ store: RecordingStore; index: CallIndex; calls: CallRegistry }> {
  const onWarning = (message: string) => log.warn(message);
  const onEvict = (ref: RecordingRef) => calls.archive.forgetRecording(ref);
  const store = await openStore(config, { clock, log, onEvict });
  const folder = config.state.kind === "file" ? config.state.folder : undefined;
  const database = openIndexDatabase(folder, onWarning);
  const { endedCallsKept } = config;
  const index = new CallIndex({ database, clock, endedCallsKept, onWarning });
  const calls: CallRegistry = new CallRegistry({
    environment: {
      clock,
      ticker,
      store,
      observer,
      sinks: [...knownSinks, ...sinks],
      holdbackMs: config.holdbackMs,
      botQueueMs: config.botQueueSeconds * 1000,
      graceMs: config.graceSeconds * 1000,
      rewindMs: config.rewindSeconds * 1000,
      announceMs: config.announceSeconds * 1000,
    },
    mediaDefaults: config.mediaDefaults,
    maxCalls: config.maxCalls,
    maxCallsPerOrganisation: config.maxCallsPerOrg,
    index,
    onProgress: (message) => log.info(message),
    onWarning,
  });
  return { store, index, calls };
}

function listen(services: Services): HttpServer {
  const { config, clock, log } = services;
  const app = createApp(services);
  return new HttpServer({
    hostname: config.host,
    port: config.port,
    clock,
    handler: (request, info) => {
      const answer = app.fetch(request, info);
      return request.method === "HEAD" ? answerHead(answer) : answer;
    },
    onTrouble: (error) =>
      log.warn("no new connections are accepted; it is tried again, and what is open goes on", {
        error,
      }),
    onRelief: () => log.info("new connections are accepted again"),
  });
}

/** Ends the sockets and the calls, and gives their recordings time to complete. */
async function closeCalls({ calls, clock, ingestSockets, store }: Services): Promise<void> {
  for (const call of calls.active) call.broadcast.close(1001, "server going away");
  ingestSockets.close(1001, "server going away");
  const closed = calls.close("server_shutdown").then(() => store.close?.());
  await settlesWithin(clock, RECORDINGS_MS, closed);
}

/** Tells the receiver that the configuration names what happens to calls, if it names one. */
async function startWebhooks(
  config: Config,
  { clock, log, hub, metrics }: { clock: Clock; log: Log; hub: EventHub; metrics: Metrics },
): Promise<Webhooks | undefined> {
  const { webhookUrl: url, webhookSecret: secret, webhookQueue: limit, state } = config;
  if (url === undefined || secret === undefined) return undefined;
  if (state.kind === "file") await Deno.mkdir(state.folder, { recursive: true });
  const webhooks = openWebhooks({
    clock,
    hub,
    url: url.reveal(),
    secret: secret.reveal(),
    limit,
    ...(state.kind === "file" && { folder: state.folder }),
    onWarning: (message) => log.warn(message),
    onCount: metrics.countWebhooks,
  });
  metrics.watchWebhooks(webhooks);
  return webhooks;
}

/** Deletes what the configuration does not want to be kept. */
function startRetention(
  config: Config,
  { clock, log, calls, metrics }: {
    clock: Clock;
    log: Log;
    calls: CallRegistry;
    metrics: Metrics;
  },
): Retention {
  const { index } = calls.archive;
  const retention = new Retention({
    index,
    clock,
    limits: retentionLimits(config),
    deleteRecording: (ref) => calls.archive.deleteRecording(ref),
    onRound: (round) => {
      metrics.onRetention(round);
      const isIdle = Object.values(round).every((count) => count === 0);
      log[isIdle ? "debug" : "info"]("retention", { ...round });
      void calls.archive.catchUp();
    },
    onWarning: (message) => log.warn(message),
  });
  retention.start();
  return retention;
}

function retentionLimits(config: Config): RetentionLimits {
  const { retentionDays, retentionDaysByOrg, retentionGb, retentionGbPerOrg } = config;
  return {
    maxAgeMs: (organisation) =>
      DAY_MS * (retentionDaysByOrg?.get(organisation) ?? retentionDays ?? Infinity),
    maxBytes: GB * (retentionGb ?? Infinity),
    maxBytesPerOrganisation: GB * (retentionGbPerOrg ?? Infinity),
  };
}

function originOf(host: string, port: number): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

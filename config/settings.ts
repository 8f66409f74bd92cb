/**
 * Every setting of Earshot, in one table. The type of the configuration, the errors at the start and
 * the table in the README are all made from it.
 *
 * @module
 */
import { apiKeys } from "./api_keys.ts";
import { mediaDefaults } from "./media_defaults.ts";
import { baseUrl, boolean, choice, host, integer, type Parser, secret } from "./parsers.ts";
import { DEFAULT_RECORDINGS, recordings } from "./recordings.ts";
import { days, daysByOrganisation, gigabytes } from "./retention.ts";
import { state } from "./state.ts";
import { webhookSecret, webhookUrl } from "./webhook.ts";

/** One environment variable. */
export interface Setting<T> {
  readonly env: string;
  /** A variable that is read when `env` is unset. */
  readonly fallbackEnv?: string;
  readonly parser: Parser<T>;
  /** As one would write it. Without it, an unset variable is `undefined`. */
  readonly default?: string;
  /** In place of a default: what an unset variable means. */
  readonly unset?: string;
  readonly unit?: string;
  /** One line, without full stop. */
  readonly doc: string;
}

const MEDIA_DEFAULTS = "live=false,recording=false,maxDurationSeconds=1800";

/** The table. A key is the name of the variable in camel case. */
export const SETTINGS = {
  apiKeys: {
    env: "EARSHOT_API_KEYS",
    unset: "unset: development mode",
    parser: apiKeys(),
    doc: "Who may use the server; several keys of one organisation allow changing them one by one",
  },
  host: {
    env: "EARSHOT_HOST",
    unset: "0.0.0.0; 127.0.0.1 in development mode",
    parser: host(),
    doc: "Address to listen on; development mode takes a loopback one only",
  },
  port: {
    env: "EARSHOT_PORT",
    fallbackEnv: "PORT",
    default: "8000",
    parser: integer({ min: 0, max: 65_535 }),
    doc: "Port to listen on, 0 for any free one; PORT is read when it is unset",
  },
  publicUrl: {
    env: "EARSHOT_PUBLIC_URL",
    unset: "unset: taken from each request",
    parser: baseUrl(),
    doc: "How clients reach the server: start of the URLs it hands out",
  },
  recordings: {
    env: "EARSHOT_RECORDINGS",
    default: DEFAULT_RECORDINGS,
    parser: recordings(),
    doc: "Where recordings are kept",
  },
  state: {
    env: "EARSHOT_STATE",
    unset: "`file:./data/state`; `memory:` with recordings in memory and on Deno Deploy",
    parser: state(),
    doc:
      "Where the list of calls and whatever else outlives a restart is kept; one for each process",
  },
  recordingsMemoryMb: {
    env: "EARSHOT_RECORDINGS_MEMORY_MB",
    default: "256",
    unit: "MB",
    parser: integer({ min: 1, max: 65_536 }),
    doc: "What recordings may take with memory:",
  },
  retentionDays: {
    env: "EARSHOT_RETENTION_DAYS",
    unset: "unset: kept for good",
    unit: "days",
    parser: days,
    doc: "How long recordings are kept after their call's end; then they are deleted",
  },
  retentionDaysByOrg: {
    env: "EARSHOT_RETENTION_DAYS_BY_ORG",
    unset: "unset: as all others",
    parser: daysByOrganisation,
    doc: "The same for some organisations",
  },
  retentionGb: {
    env: "EARSHOT_RETENTION_GB",
    unset: "unset: no limit",
    unit: "GB",
    parser: gigabytes,
    doc: "What all recordings together may take; above it the oldest are deleted",
  },
  retentionGbPerOrg: {
    env: "EARSHOT_RETENTION_GB_PER_ORG",
    unset: "unset: no limit",
    unit: "GB",
    parser: gigabytes,
    doc: "What the recordings of one organisation may take",
  },
  spoolMb: {
    env: "EARSHOT_SPOOL_MB",
    unset: "4096; 256 with state in memory",
    unit: "MB",
    parser: integer({ min: 16, max: 1_048_576 }),
    doc: "What recordings may take here on their way to s3:",
  },
  uploads: {
    env: "EARSHOT_UPLOADS",
    default: "4",
    parser: integer({ min: 1, max: 64 }),
    doc: "Uploads to s3: at the same time, of up to 5 MB each",
  },
  holdbackMs: {
    env: "EARSHOT_HOLDBACK_MS",
    default: "100",
    unit: "ms",
    parser: integer({ min: 50, max: 300 }),
    doc: "How long the mixer waits for late audio at first; it adapts from there",
  },
  graceSeconds: {
    env: "EARSHOT_GRACE_SECONDS",
    default: "10",
    unit: "s",
    parser: integer({ min: 0, max: 600 }),
    doc: "How long a call outlives the loss of its ingest socket",
  },
  mediaDefaults: {
    env: "EARSHOT_MEDIA_DEFAULTS",
    default: MEDIA_DEFAULTS,
    parser: mediaDefaults(MEDIA_DEFAULTS),
    doc: "Media options of calls that do not set them",
  },
  twilioAuthToken: {
    env: "EARSHOT_TWILIO_AUTH_TOKEN",
    unset: "unset: not verified",
    parser: secret({ minLength: 16, maxLength: 256 }),
    doc: "Auth token of the Twilio account, to verify the signature of its requests",
  },
  tokenSecret: {
    env: "EARSHOT_TOKEN_SECRET",
    unset: "unset: random at each start",
    parser: secret({ minLength: 32, maxLength: 512 }),
    doc: "Signs listen tokens; set it to let them outlive a restart",
  },
  webhookUrl: {
    env: "EARSHOT_WEBHOOK_URL",
    unset: "unset: no webhooks",
    parser: webhookUrl(),
    doc: "Is told what happens to calls and recordings; needs EARSHOT_WEBHOOK_SECRET",
  },
  webhookSecret: {
    env: "EARSHOT_WEBHOOK_SECRET",
    unset: "unset: no webhooks",
    parser: webhookSecret(),
    doc: "Signs webhooks as Standard Webhooks has it",
  },
  webhookQueue: {
    env: "EARSHOT_WEBHOOK_QUEUE",
    default: "10000",
    unit: "messages",
    parser: integer({ min: 1, max: 1_000_000 }),
    doc: "Webhooks that wait at most; beyond that the oldest go",
  },
  maxCalls: {
    env: "EARSHOT_MAX_CALLS",
    default: "1000",
    unit: "calls",
    parser: integer({ min: 1, max: 100_000 }),
    doc: "Calls at the same time",
  },
  maxCallsPerOrg: {
    env: "EARSHOT_MAX_CALLS_PER_ORG",
    default: "1000",
    unit: "calls",
    parser: integer({ min: 1, max: 100_000 }),
    doc: "Calls at the same time of one organisation",
  },
  maxListenersPerCall: {
    env: "EARSHOT_MAX_LISTENERS_PER_CALL",
    default: "500",
    unit: "listeners",
    parser: integer({ min: 1, max: 100_000 }),
    doc: "Listeners of one call",
  },
  maxListenersPerOrg: {
    env: "EARSHOT_MAX_LISTENERS_PER_ORG",
    default: "5000",
    unit: "listeners",
    parser: integer({ min: 1, max: 1_000_000 }),
    doc: "Listeners of all calls of one organisation",
  },
  maxUnauthenticatedSockets: {
    env: "EARSHOT_MAX_UNAUTHENTICATED_SOCKETS",
    default: "1000",
    unit: "sockets",
    parser: integer({ min: 1, max: 100_000 }),
    doc: "Ingest sockets that have not shown a credential yet",
  },
  botQueueSeconds: {
    env: "EARSHOT_BOT_QUEUE_SECONDS",
    default: "120",
    unit: "s",
    parser: integer({ min: 1, max: 600 }),
    doc: "Bot audio a call holds ahead of time",
  },
  maxDownloadsPerOrg: {
    env: "EARSHOT_MAX_DOWNLOADS_PER_ORG",
    default: "100",
    unit: "downloads",
    parser: integer({ min: 1, max: 10_000 }),
    doc: "Recordings of one organisation downloaded at the same time",
  },
  maxConversions: {
    env: "EARSHOT_MAX_CONVERSIONS",
    default: "2",
    unit: "recordings",
    parser: integer({ min: 1, max: 64 }),
    doc: "Recordings converted to FLAC at the same time, each on a thread of its own",
  },
  endedCallsKept: {
    env: "EARSHOT_ENDED_CALLS_KEPT",
    default: "10000",
    unit: "calls",
    parser: integer({ min: 0, max: 1_000_000 }),
    doc: "Ended calls without a kept recording that can still be asked about",
  },
  slowListenerSeconds: {
    env: "EARSHOT_SLOW_LISTENER_SECONDS",
    default: "10",
    unit: "s",
    parser: integer({ min: 1, max: 300 }),
    doc: "How long a listener may fail to keep up before it is closed",
  },
  maxCatchingUp: {
    env: "EARSHOT_MAX_CATCHING_UP",
    default: "50",
    unit: "listeners",
    parser: integer({ min: 1, max: 10_000 }),
    doc: "Listeners that are sent the past of a call at the same time",
  },
  rewindSeconds: {
    env: "EARSHOT_REWIND_SECONDS",
    default: "60",
    unit: "s",
    parser: integer({ min: 0, max: 600 }),
    doc: "How far back one can listen to a call that is not recorded, 0 for not at all",
  },
  eventsKept: {
    env: "EARSHOT_EVENTS_KEPT",
    default: "1000",
    unit: "events",
    parser: integer({ min: 0, max: 100_000 }),
    doc: "Last events of an organisation that a stream of events can be resumed from",
  },
  maxEventStreamsPerOrg: {
    env: "EARSHOT_MAX_EVENT_STREAMS_PER_ORG",
    default: "200",
    unit: "streams",
    parser: integer({ min: 1, max: 100_000 }),
    doc: "Open streams of server-sent events of an organisation",
  },
  announceSeconds: {
    env: "EARSHOT_ANNOUNCE_SECONDS",
    default: "600",
    unit: "s",
    parser: integer({ min: 1, max: 86_400 }),
    doc: "How long an announced call waits for its audio",
  },
  ingestIdleSeconds: {
    env: "EARSHOT_INGEST_IDLE_SECONDS",
    default: "300",
    unit: "s",
    parser: integer({ min: 1, max: 86_400 }),
    doc: "How long an ingest socket may say nothing before it is closed",
  },
  log: {
    env: "EARSHOT_LOG",
    default: "info",
    parser: choice("debug", "info", "warn", "error"),
    doc: "Least severe messages that are logged",
  },
  demo: {
    env: "EARSHOT_DEMO",
    unset: "true in development mode",
    parser: boolean(),
    doc: "Runs a looping demo call; development mode only",
  },
} as const satisfies Record<string, Setting<unknown>>;

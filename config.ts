/**
 * The configuration: what the environment says, read once at the start.
 *
 * @module
 */
import { nearestName } from "./config/nearest_name.ts";
import { type Parser, Refused } from "./config/parsers.ts";
import { readS3Settings, type S3Settings } from "./config/s3.ts";
import type { Secret } from "./config/secret.ts";
import { type Setting, SETTINGS } from "./config/settings.ts";
import { defaultState, type StatePlace } from "./config/state.ts";

export type { ApiKey } from "./config/api_keys.ts";
export type { MediaDefaults } from "./config/media_defaults.ts";
export type { RecordingsPlace } from "./config/recordings.ts";
export type { StatePlace } from "./config/state.ts";
export type { S3Settings } from "./config/s3.ts";
export { Secret } from "./config/secret.ts";
export { type Setting, SETTINGS } from "./config/settings.ts";

type ValueOf<S> = S extends { readonly parser: Parser<infer T> }
  ? S extends { readonly default: string } ? T : T | undefined
  : never;

type Values = { readonly [Key in keyof typeof SETTINGS]: ValueOf<typeof SETTINGS[Key]> };

/** All settings, and what follows from them. Frozen all the way down. */
export interface Config extends Values {
  readonly host: string;
  readonly demo: boolean;
  /** Where S3 is and who uses it, when recordings are kept there. */
  readonly s3?: S3Settings;
  readonly state: StatePlace;
  /** What each ingest provider's requests are verified with, by the provider's name. */
  readonly providerSecrets: Readonly<Record<string, Secret | undefined>>;
  /** No API keys are set: the server is reachable from this machine only and makes its own key. */
  readonly developmentMode: boolean;
}

const MEMORY: StatePlace = { kind: "memory" };

/** A setting that does not parse. The message is one line and never shows a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** The variable that is wrong. */
  readonly variable: string;

  constructor(variable: string, problem: string) {
    super(`Cannot start: ${variable} ${problem}`);
    this.variable = variable;
  }
}

/**
 * Reads all settings.
 *
 * @param env answers the text of a variable, `undefined` when it is unset. One that is set and empty
 * is an error: a secret that did not get through must not switch protection off.
 * @throws {ConfigError} at the first setting that does not parse
 */
export function loadConfig(env: (name: string) => string | undefined): Config {
  const values = Object.fromEntries(
    Object.entries<Setting<unknown>>(SETTINGS).map(([key, setting]) => [key, read(setting, env)]),
  ) as Record<keyof Values, unknown> as Values;
  const developmentMode = values.apiKeys === undefined;
  // There everybody can reach it, and nobody reads the key it would make.
  if (developmentMode && env("DENO_DEPLOYMENT_ID") !== undefined) {
    throw new ConfigError(SETTINGS.apiKeys.env, "must be set on a public host such as Deno Deploy");
  }
  if ((values.webhookUrl === undefined) !== (values.webhookSecret === undefined)) {
    const { webhookUrl: url, webhookSecret: secret } = SETTINGS;
    const [missing, set] = values.webhookUrl === undefined ? [url, secret] : [secret, url];
    throw new ConfigError(missing.env, `must be set when ${set.env} is`);
  }
  const host = values.host ?? (developmentMode ? "127.0.0.1" : "0.0.0.0");
  if (developmentMode && !isLoopback(host)) {
    throw new ConfigError(
      SETTINGS.host.env,
      `must be 127.0.0.1, ::1 or localhost in development mode, received ${quote(host)}; ` +
        `to listen elsewhere set ${SETTINGS.apiKeys.env}`,
    );
  }
  // On Deno Deploy a disk does not last.
  const passing = env("DENO_DEPLOYMENT_ID") === undefined ? undefined : MEMORY;
  const state = values.state ?? passing ?? defaultState(values.recordings);
  const demo = developmentMode && (values.demo ?? true);
  const providerSecrets = { twilio: values.twilioAuthToken };
  const s3 = values.recordings.kind === "s3" ? readS3Settings(env, refuse) : undefined;
  const config = { ...values, host, demo, state, developmentMode, providerSecrets };
  return deepFreeze({ ...config, ...(s3 !== undefined && { s3 }) });
}

function refuse(variable: string, problem: string): never {
  throw new ConfigError(variable, problem);
}

/** Lines worth a warning, at most 20: one for each `EARSHOT_` name that is not a setting. */
export function unknownSettings(names: Iterable<string>): string[] {
  const prefix = "EARSHOT_";
  const known = new Set<string>(Object.values(SETTINGS).map((setting) => setting.env));
  const endings = [...known].map((name) => name.slice(prefix.length));
  const lines: string[] = [];
  for (const name of names) {
    const isOurs = name.startsWith(prefix) && !name.startsWith(`${prefix}TEST_`);
    if (!isOurs || known.has(name)) continue;
    const nearest = nearestName(name.slice(prefix.length), endings);
    const hint = nearest === undefined ? "" : `, did you mean ${prefix}${nearest}?`;
    lines.push(`Unknown setting ${quote(name)}${hint}`);
    if (lines.length === 20) break;
  }
  return lines;
}

function read(setting: Setting<unknown>, env: (name: string) => string | undefined): unknown {
  const { parser, fallbackEnv } = setting;
  let variable = setting.env;
  let text = env(variable);
  if (text === undefined && fallbackEnv !== undefined) {
    text = env(fallbackEnv);
    if (text !== undefined) variable = fallbackEnv;
  }
  text ??= setting.default;
  if (text === undefined) return undefined;
  try {
    return parser.parse(text);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new ConfigError(variable, problemOf(parser, text, error.message));
  }
}

function problemOf(parser: Parser<unknown>, text: string, detail: string): string {
  const takes = `must be ${parser.takes}`;
  if (text === "") return `${takes}, received nothing; leave it unset for the default`;
  if (parser.secret === undefined) {
    return `${takes}, received ${quote(text)}${detail === "" ? "" : `: ${detail}`}`;
  }
  return `${takes}: ${detail === "" ? "the value, not shown, is something else" : detail}`;
}

/** A text as it may stand in one line of a log: short, without control characters or passwords. */
function quote(text: string): string {
  const masked = text.replace(/^([a-z0-9+.-]+:)?.*@/is, "$1…@").replace(/\?.*$/s, "?…");
  const short = masked.length > 80 ? `${masked.slice(0, 80)}…` : masked;
  return JSON.stringify(short.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�"));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}

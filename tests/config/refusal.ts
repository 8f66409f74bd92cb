import assert from "node:assert/strict";
import { type Config, ConfigError, loadConfig } from "../../config.ts";

/** The configuration that an environment of nothing but these variables makes. */
export function load(variables: Record<string, string>): Config {
  return loadConfig((name) => variables[name]);
}

/** The error that an environment must lead to; whatever it is about, it is one short line. */
export function refusal(variables: Record<string, string>): ConfigError {
  try {
    load(variables);
  } catch (error) {
    assert(error instanceof ConfigError);
    assert.match(error.message, /^Cannot start: [A-Z_]+ must be /);
    assert.doesNotMatch(error.message, /[\p{Cc}\u2028\u2029]/u, "one line");
    assert(error.message.length < 500, "a short line");
    assert(!error.message.endsWith("."));
    return error;
  }
  assert.fail(`nothing was refused in ${JSON.stringify(variables)}`);
}

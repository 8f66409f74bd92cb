/**
 * A client of an Earshot server, for Deno, Node 20 and newer, Bun and browsers; no dependencies.
 *
 * @module
 */
export * from "./earshot.ts";
export * from "./listening.ts";
export * from "./published_call.ts";
export * from "./webhook.ts";

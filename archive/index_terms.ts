import { createHash } from "node:crypto";
import { type EndedCall, isKept } from "./ended_call.ts";

/**
 * What a call can be found by, as 64-bit numbers: short keys of equal length, whatever characters a
 * client put into its metadata. Two different things share one by a chance of 1 in 10^19.
 *
 * @module
 */

/** All terms of a call. */
export function termsOf(call: EndedCall): bigint[] {
  const { organisation, metadata } = call;
  const terms = Object.entries(metadata).map(([key, value]) =>
    metadataTerm(organisation, key, value)
  );
  return isKept(call) ? [...terms, recordingTerm(organisation)] : terms;
}

/** Calls of an organisation that were started with this metadata. */
export function metadataTerm(organisation: string, key: string, value: string): bigint {
  return term([organisation, key, value]);
}

/** Calls of an organisation whose recording is kept. */
export function recordingTerm(organisation: string): bigint {
  return term([organisation]);
}

function term(parts: string[]): bigint {
  return createHash("sha256").update(JSON.stringify(parts)).digest().readBigInt64BE();
}

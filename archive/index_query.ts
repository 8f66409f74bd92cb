import type { SQLInputValue } from "node:sqlite";
import { metadataTerm, recordingTerm } from "./index_terms.ts";

/** Which calls of an organisation are asked for. */
export interface CallFilter {
  readonly organisation: string;
  /** Begun at this wall time or later, ms since the Unix epoch. */
  readonly from?: number;
  /** Begun before this wall time, ms since the Unix epoch. */
  readonly to?: number;
  /** Metadata they were started with: all of it. */
  readonly metadata?: ReadonlyMap<string, string>;
  /** Only those whose recording is kept. */
  readonly hasRecording?: boolean;
}

/** A call's place in a list, which never changes: newest first, of two at once the greater id. */
export interface CallPlace {
  readonly announcedAt: number;
  readonly id: string;
}

/** A part of a list. */
export interface CallPage {
  /** Most calls that are answered. */
  readonly limit: number;
  /** Only what comes behind this place. */
  readonly before?: CallPlace;
  /** Calls are answered until their metadata is longer than this together. @default {Infinity} */
  readonly maxMetadataChars?: number;
}

/** SQL and what its question marks stand for. */
export interface Query {
  readonly sql: string;
  readonly values: SQLInputValue[];
}

/** Longest time that a call's announcement and its beginning may be apart, ms: a day. */
const LONGEST_ANNOUNCEMENT_MS = 86_400_000;

/** The terms that a call must have to be answered. */
export function termsOfFilter({ organisation, metadata, hasRecording }: CallFilter): bigint[] {
  const terms = Array.from(
    metadata ?? [],
    ([key, value]) => metadataTerm(organisation, key, value),
  );
  return hasRecording ? [...terms, recordingTerm(organisation)] : terms;
}

/**
 * Asks for a page of calls, in their order. Walks through an index in that order, with nothing to sort:
 * through that of the organisation, or that of the first term.
 *
 * @param terms of the filter, the rarest first
 */
export function pageQuery(filter: CallFilter, page: CallPage, terms: bigint[]): Query {
  const { organisation, from, to } = filter;
  const [first, ...others] = terms;
  const place = first === undefined ? "call" : "term";
  const parts = [
    first === undefined ? part("SELECT * FROM call WHERE organisation = ?", [organisation]) : part(
      "SELECT call.* FROM term CROSS JOIN call USING (id) " +
        "WHERE term.term = ? AND call.organisation = ?",
      [first, organisation],
    ),
    ...others.map((term) =>
      part(
        "AND EXISTS (SELECT 1 FROM term AS other WHERE other.term = ? " +
          "AND other.announcedAt = term.announcedAt AND other.id = term.id)",
        [term],
      )
    ),
  ];
  if (from !== undefined) {
    const earliest = from - LONGEST_ANNOUNCEMENT_MS;
    parts.push(part(`AND ${place}.announcedAt >= ? AND ${place}.startedAt >= ?`, [earliest, from]));
  }
  if (to !== undefined) {
    const latest = to + LONGEST_ANNOUNCEMENT_MS;
    parts.push(part(`AND ${place}.announcedAt <= ? AND ${place}.startedAt < ?`, [latest, to]));
  }
  if (page.before !== undefined) {
    const { announcedAt, id } = page.before;
    parts.push(part(`AND (${place}.announcedAt, ${place}.id) < (?, ?)`, [announcedAt, id]));
  }
  parts.push(part(`ORDER BY ${place}.announcedAt DESC, ${place}.id DESC LIMIT ?`, [page.limit]));
  return {
    sql: parts.map(({ sql }) => sql).join(" "),
    values: parts.flatMap(({ values }) => values),
  };
}

function part(sql: string, values: SQLInputValue[]): Query {
  return { sql, values };
}

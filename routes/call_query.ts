import { z } from "@hono/zod-openapi";
import { ApiError } from "./api_error.ts";

/** Most entries of metadata that a list can be filtered by. */
const MAX_METADATA_FILTERS = 8;
const PREFIX = "metadata.";

/** A day, or a moment; without an offset it is in UTC. A plus sign that was not escaped is a blank. */
const ISO_8601 = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+ -]\d\d:\d\d)?)?$/;

const timeSchema = z.string().transform((text, context) => {
  const time = parseTime(text);
  if (!Number.isNaN(time)) return time;
  const message = "takes a time as ISO 8601 (2026-01-31T12:00:00Z) or in ms since the Unix epoch";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const time = (description: string) =>
  timeSchema.optional().openapi({
    type: "string",
    description: `${description}: ISO 8601, or ms since the Unix epoch`,
    example: "2026-01-31T12:00:00Z",
  });

/** Query of a list of calls, but for `metadata.`, see {@linkcode metadataFilter}. */
export const listQuerySchema = z.object({
  state: z.enum(["active", "ended"]).optional(),
  from: time("Only calls that began at this time or later"),
  to: time("Only calls that began before this time"),
  has: z.enum(["recording"]).optional().describe("Only calls whose recording is kept"),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  before: z.string().max(200).optional().describe("Cursor that the page before answered"),
});

/** How OpenAPI says that any `metadata.<key>=<value>` may be there. */
export const metadataParameter = {
  name: "metadata",
  in: "query" as const,
  description: "Only calls started with this metadata, each entry as metadata.<key>=<value>; at " +
    `most ${MAX_METADATA_FILTERS}, all of which must be met`,
  style: "form" as const,
  explode: true,
  schema: {
    type: "object" as const,
    patternProperties: { "^metadata\\.": { type: "string" as const } },
    additionalProperties: false,
    example: { "metadata.agent": "support" },
  },
};

/**
 * The `metadata.<key>=<value>` of a request.
 *
 * @throws {ApiError} 400 when they are too many, say something twice or are written in another way
 */
export function metadataFilter(url: string): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  for (const [name, value] of new URL(url).searchParams) {
    if (!name.startsWith("metadata")) continue;
    if (!name.startsWith(PREFIX)) throw refused(`write metadata.<key>=<value>, not ${quote(name)}`);
    const key = name.slice(PREFIX.length);
    if (metadata.has(key)) throw refused(`${quote(name)} is there twice`);
    metadata.set(key, value);
  }
  if (metadata.size <= MAX_METADATA_FILTERS) return metadata;
  throw refused(
    `metadata takes at most ${MAX_METADATA_FILTERS} entries, received ${metadata.size}`,
  );
}

function parseTime(text: string): number {
  if (/^\d{1,15}(\.\d{1,6})?$/.test(text)) return Number(text);
  const [, day, moment, offset = "Z"] = ISO_8601.exec(text) ?? [];
  if (day === undefined) return NaN;
  return Date.parse(`${day}T${moment ?? "00:00"}${offset.replace(" ", "+")}`);
}

function refused(message: string): ApiError {
  return new ApiError(400, "bad_query", message);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 140 ? `${text.slice(0, 140)}…` : text);
}

import { z } from "@hono/zod-openapi";
import { TOKEN_SCOPES } from "../auth/tokens.ts";
import {
  callIdSchema,
  mediaSchema,
  metadataSchema,
  sampleRateSchema,
  tracksSchema,
} from "../ingest/start_options.ts";

/** Body of every error. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    recordingUrl: z.string().optional(),
  }),
}).openapi("Error");

const trackSchema = z.object({
  received: z.number(),
  repaired: z.number(),
  lost: z.number(),
  repeated: z.number(),
  refused: z.number(),
  redacted: z.number(),
  cleared: z.number(),
  inserted: z.number(),
  skipped: z.number(),
  gaps: z.number(),
  reanchored: z.number(),
}).openapi("TrackHealth", { description: "What became of a side's audio, in samples" });

/** One call as the API shows it. */
export const callSchema = z.object({
  id: z.string(),
  state: z.enum(["announced", "live", "ended"]),
  startedAt: z.number().describe("ms since the Unix epoch"),
  endedAt: z.number().optional(),
  durationSeconds: z.number(),
  reason: z.string().optional().describe("why it ended"),
  sampleRate: z.number(),
  media: z.object({
    live: z.boolean(),
    recording: z.boolean(),
    maxDurationSeconds: z.number(),
  }).optional(),
  metadata: z.record(z.string(), z.string()),
  listeners: z.number(),
  listenUrl: z.string(),
  playerUrl: z.string(),
  recording: z.object({ state: z.string(), url: z.string() }).nullable(),
  health: z.object({
    paused: z.boolean(),
    ingestLost: z.boolean(),
    holdbackMs: z.number(),
    warnings: z.array(z.object({
      code: z.string(),
      track: z.enum(["user", "bot"]).optional(),
      since: z.number().describe("ms since the Unix epoch"),
    })).describe("what is wrong at present"),
    problems: z.object({ count: z.number(), last: z.string().optional() }),
    user: trackSchema,
    bot: trackSchema,
  }).optional(),
}).openapi("Call");

/** A page of calls, newest first. */
export const callListSchema = z.object({
  calls: z.array(callSchema),
  before: z.string().nullable().describe("cursor of the next page"),
}).openapi("CallList");

/** Announces a call. */
export const announceSchema = z.strictObject({
  id: callIdSchema.optional(),
  sampleRate: sampleRateSchema.optional(),
  tracks: tracksSchema.optional(),
  media: mediaSchema.optional(),
  metadata: metadataSchema.optional(),
}).openapi("Announcement");

/** Ends a call. */
export const endSchema = z.object({
  reason: z.string().min(1).max(128).default("ended"),
}).openapi("End");

/** Asks for a token of one call. */
export const tokenRequestSchema = z.object({
  scope: z.array(z.enum(TOKEN_SCOPES)).min(1).max(TOKEN_SCOPES.length)
    .refine((scope) => new Set(scope).size === scope.length, "takes each scope once")
    .default(["listen"]),
  ttlSeconds: z.number().int().min(1).max(86_400).default(3600),
  singleUse: z.boolean().default(false),
}).openapi("TokenRequest");

/** A token of one call and the URLs it opens. */
export const tokenSchema = z.object({
  token: z.string(),
  expiresAt: z.number().describe("ms since the Unix epoch"),
  listenUrl: z.string(),
  playerUrl: z.string(),
  recordingUrl: z.string().optional().describe("with the scope recording"),
}).openapi("Token");

/** The call in the path. */
export const callParamSchema = z.object({ id: callIdSchema });

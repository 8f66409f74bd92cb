import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { mayFollow, mayManage, mayTakeRecording } from "../auth/authorize.ts";
import type { ExportOptions } from "../recordings/export_view.ts";
import { RecordingBusyError, type StoredRecording } from "../recordings/store.ts";
import { authenticate } from "./access.ts";
import { ApiError } from "./api_error.ts";
import { callParamSchema } from "./call_schemas.ts";
import { error, errors, validationHook } from "./openapi.ts";
import { findRecording } from "./recordings_access.ts";
import { answerFlac, answerWav } from "./recordings_export.ts";
import { answerPeaks } from "./recordings_peaks.ts";
import { peaksQuerySchema, readPart, recordingQuerySchema } from "./recordings_query.ts";
import type { Services } from "./services.ts";

const binary = z.string().openapi({ format: "binary" });
const notComplete = error("It is not complete yet; Retry-After tells when to come again");
const gone = { 410: error("The recording was deleted") };

const exportRoute = createRoute({
  method: "get",
  path: "/calls/{id}/recording",
  summary: "The recording, or as much of it as there is while the call runs",
  request: { params: callParamSchema, query: recordingQuerySchema },
  responses: {
    200: {
      description: "The whole file",
      content: { "audio/wav": { schema: binary }, "audio/flac": { schema: binary } },
    },
    206: { description: "The range of the WAV file", content: { "audio/wav": { schema: binary } } },
    302: { description: "The store has the file as it is: take it there" },
    304: { description: "What you have is the same" },
    ...errors,
    ...gone,
    412: error("What you expect has changed"),
    416: error("The range is not in the file; Content-Range tells its length"),
    503: error("Too many conversions, or not complete yet; Retry-After tells when to come again"),
  },
});

const peaksRoute = createRoute({
  method: "get",
  path: "/calls/{id}/peaks",
  summary: "The outline of the recording, for drawing it",
  request: { params: callParamSchema, query: peaksQuerySchema },
  responses: {
    200: {
      description: "Least and greatest sample of each pixel: user min, user max, bot min, bot max",
      content: {
        "application/json": {
          schema: z.object({
            version: z.literal(2),
            channels: z.literal(2),
            sample_rate: z.number(),
            samples_per_pixel: z.number(),
            bits: z.literal(8),
            length: z.number().describe("pixels"),
            data: z.array(z.number()),
          }).openapi("Peaks"),
        },
        "application/octet-stream": { schema: binary },
      },
    },
    304: { description: "What you have is the same" },
    ...errors,
    ...gone,
    412: error("What you expect has changed"),
    503: notComplete,
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/calls/{id}/recording",
  summary: "Delete the recording for good",
  request: { params: callParamSchema },
  responses: {
    204: { description: "It is gone" },
    ...errors,
    409: error("The call is being recorded"),
    ...gone,
    503: notComplete,
  },
});

/** Getting recordings out, and rid of. */
export function recordingRoutes(services: Services): OpenAPIHono {
  const { calls, log } = services;
  const app = new OpenAPIHono({ defaultHook: validationHook });

  app.openapi(exportRoute, async (c) => {
    const { id } = c.req.valid("param");
    const query = c.req.valid("query");
    const recording = await findRecording(c, id, services, mayTakeRecording);
    const { channels, track, format } = query;
    if (channels === "2" && track !== undefined) {
      throw new ApiError(400, "bad_query", "Ask for channels=2 or for one track, not for both");
    }
    const options: ExportOptions = {
      channels: channels === "2" ? 2 : 1,
      ...(track && { track }),
      ...readPart(query, recording.info.sampleRate),
    };
    if (format === "flac") {
      return await spending(c, services, await answerFlac(c, recording, options, services));
    }
    const isAsStored = channels === "2" && query.from === undefined && query.to === undefined &&
      c.req.header("range") === undefined;
    const url = isAsStored ? await downloadUrl(recording, `${id}-stereo.wav`) : undefined;
    if (url === undefined) {
      return await spending(c, services, answerWav(c, recording, options, services));
    }
    c.header("Cache-Control", "private, no-store");
    return await spending(c, services, c.redirect(url, 302));
  });

  app.openapi(peaksRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { samplesPerPixel, pixels, format, ...part } = c.req.valid("query");
    const recording = await findRecording(c, id, services, mayFollow);
    const options = {
      ...(samplesPerPixel !== undefined && { samplesPerPixel }),
      ...(pixels !== undefined && { pixels }),
      ...readPart(part, recording.info.sampleRate),
    };
    return await answerPeaks(c, recording, options, format);
  });

  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { info } = await findRecording(
      c,
      id,
      services,
      (who, { organisation }) => mayManage(who, organisation),
    );
    try {
      await calls.archive.deleteRecording(info);
    } catch (error) {
      if (!(error instanceof RecordingBusyError)) throw error;
      throw new ApiError(409, "call_live", "The call is being recorded; end it first");
    }
    log.info("recording deleted", { id });
    return c.body(null, 204);
  });

  return app;
}

/** An answer that uses up a token for one use if there is sound in it, and not otherwise. */
async function spending(c: Context, services: Services, answer: Response): Promise<Response> {
  if (c.req.method !== "GET" || ![200, 206, 302].includes(answer.status)) return answer;
  try {
    await authenticate(c, services, true);
  } catch (error) {
    // Another request was first.
    await answer.body?.cancel();
    throw error;
  }
  return answer;
}

/** Where the store itself gives the whole stereo file out, once nothing is added to it any more. */
async function downloadUrl(
  recording: StoredRecording,
  fileName: string,
): Promise<string | undefined> {
  if (recording.info.state === "recording") return undefined;
  return await recording.downloadUrl?.({ fileName });
}

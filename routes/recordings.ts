import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { exportWav } from "../recordings/export.ts";
import { RecordingBusyError, type StoredRecording } from "../recordings/store.ts";
import { organisationOf, unauthorized } from "./access.ts";
import { ApiError } from "./api_error.ts";
import { callParamSchema } from "./call_schemas.ts";
import { errors, validationHook } from "./openapi.ts";
import type { Services } from "./services.ts";

const exportQuerySchema = z.object({
  channels: z.enum(["1", "2"]).default("1").describe("1 the mix, 2 left the user, right the bot"),
  track: z.enum(["user", "bot"]).optional(),
  format: z.enum(["wav"]).default("wav"),
});

const exportRoute = createRoute({
  method: "get",
  path: "/calls/{id}/recording",
  summary: "The recording, or as much of it as there is while the call runs",
  request: { params: callParamSchema, query: exportQuerySchema },
  responses: {
    200: {
      description: "A WAV file",
      content: { "audio/wav": { schema: z.string().openapi({ format: "binary" }) } },
    },
    ...errors,
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/calls/{id}/recording",
  summary: "Delete the recording for good",
  request: { params: callParamSchema },
  responses: { 204: { description: "It is gone" }, ...errors },
});

/** Getting recordings out, and rid of. */
export function recordingRoutes(services: Services): OpenAPIHono {
  const { store, calls, log } = services;
  const app = new OpenAPIHono({ defaultHook: validationHook });

  /** The recording of the request's own organisation. */
  const find = async (c: Context, id: string): Promise<StoredRecording> => {
    const organisation = await organisationOf(c, services);
    const owner = calls.get(id)?.details.organisation ?? (await calls.findEnded(id))?.organisation;
    if (owner !== undefined && owner !== organisation) throw unauthorized();
    const recording = owner === undefined ? null : await store.open({ organisation, callId: id });
    if (recording !== null) return recording;
    throw owner === undefined
      ? new ApiError(404, "call_not_found", `There is no call ${id}; check its id`)
      : new ApiError(404, "not_recorded", `Call ${id} has no recording`);
  };

  app.openapi(exportRoute, async (c) => {
    const recording = await find(c, c.req.valid("param").id);
    const { channels, track } = c.req.valid("query");
    if (channels === "2" && track !== undefined) {
      throw new ApiError(400, "bad_query", "Ask for channels=2 or for one track, not for both");
    }
    const { byteLength, stream, view } = exportWav(recording, {
      channels: channels === "2" ? 2 : 1,
      ...(track && { track }),
    });
    return c.body(stream(), 200, {
      "Content-Type": "audio/wav",
      "Content-Length": String(byteLength),
      "Content-Disposition": `attachment; filename="${view.name}.wav"`,
      "Cache-Control": "private, no-store",
    });
  });

  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { info } = await find(c, id);
    try {
      await calls.deleteRecording(info);
    } catch (error) {
      if (!(error instanceof RecordingBusyError)) throw error;
      throw new ApiError(409, "call_live", "The call is being recorded; end it first");
    }
    log.info("recording deleted", { id });
    return c.body(null, 204);
  });

  return app;
}

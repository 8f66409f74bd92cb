import type { TrackFormat } from "../mixer/decode.ts";
import type { TrackName } from "../mixer/inbox.ts";
import type { CallRate } from "../mixer/timeline.ts";
import type { CallDetails, CallMedia } from "./call_options.ts";

/** What whoever starts or announces a call may say of it; the rest takes the defaults. */
export interface CallRequest {
  id?: string | undefined;
  organisation: string;
  sampleRate?: CallRate | undefined;
  formats?: { user?: TrackFormat | undefined; bot?: TrackFormat | undefined } | undefined;
  media?: { [Key in keyof CallMedia]?: CallMedia[Key] | undefined } | undefined;
  metadata?: Record<string, string> | undefined;
  botAudio?: "speech" | "live" | undefined;
  /** The one side that the socket brings; left out, both. */
  side?: TrackName | undefined;
  /** Whether a call whose socket was lost may be taken over. */
  resume?: boolean;
}

/** Why a call cannot begin. */
export class CallRefusedError extends Error {
  override readonly name = "CallRefusedError";
  readonly code: "call_exists" | "limit_reached";

  constructor(code: "call_exists" | "limit_reached", message: string) {
    super(message);
    this.code = code;
  }
}

/** Most metadata of a call, its announcement's included, in bytes of its JSON in UTF-8. */
const MAX_METADATA_BYTES = 16_384;

/**
 * What a call is to be: what was asked for, else what was announced, else the defaults.
 *
 * @throws {RangeError} when its metadata is too much in all
 */
export function detailsOf(
  id: string,
  request: CallRequest,
  mediaDefaults: CallMedia,
  announced?: CallDetails,
): CallDetails {
  const { organisation, formats, media, metadata } = request;
  const sampleRate = announced?.sampleRate ?? request.sampleRate ?? 8000;
  const plain: TrackFormat = {
    encoding: "pcm_s16le",
    sampleRate: request.sampleRate ?? sampleRate,
  };
  return {
    id,
    organisation,
    sampleRate,
    formats: {
      user: formats?.user ?? announced?.formats.user ?? plain,
      bot: formats?.bot ?? announced?.formats.bot ?? plain,
    },
    media: {
      live: media?.live ?? mediaDefaults.live,
      recording: media?.recording ?? mediaDefaults.recording,
      maxDurationSeconds: media?.maxDurationSeconds ?? mediaDefaults.maxDurationSeconds,
    },
    metadata: merged(announced?.metadata, metadata),
    botAudio: request.botAudio ?? "speech",
  };
}

function merged(announced: CallDetails["metadata"] = {}, asked: CallDetails["metadata"] = {}) {
  const metadata = { ...announced, ...asked };
  const { length } = new TextEncoder().encode(JSON.stringify(metadata));
  if (length <= MAX_METADATA_BYTES) return metadata;
  throw new RangeError(
    `Cannot start call: metadata takes ${MAX_METADATA_BYTES} bytes of JSON in all, received ${length}`,
  );
}

/**
 * A call that goes on goes on as it began.
 *
 * @throws {RangeError} when another format is asked for
 */
export function checkFormats({ id, formats }: CallDetails, asked: CallRequest["formats"]): void {
  const show = ({ encoding, sampleRate }: TrackFormat) => `${encoding} at ${sampleRate} Hz`;
  for (const side of ["user", "bot"] as const) {
    const format = asked?.[side];
    if (format === undefined || show(format) === show(formats[side])) continue;
    throw new RangeError(
      `Cannot resume call ${id}: ${side} must be ${show(formats[side])} as it began, received ` +
        show(format),
    );
  }
}

/** The id of a call is taken. */
export function exists(id: string): CallRefusedError {
  return new CallRefusedError(
    "call_exists",
    `Cannot start call ${id}: the id is in use by a live call or a kept recording; choose another, ` +
      'or resume a lost call with "resume":true',
  );
}

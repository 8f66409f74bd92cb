/**
 * Brings a conversation with OpenAI's Realtime API into a call, for `@openai/agents` and for those
 * who read the API's events themselves. Begin the call with {@linkcode REALTIME_TRACKS}.
 *
 * @module
 */
import type { PublishedCall, TrackFormat } from "./published_call.ts";

const PCM: TrackFormat = { encoding: "pcm_s16le", sampleRate: 24000 };

/** The API's usual format, of both sides: `earshot.call({ tracks: REALTIME_TRACKS })`. */
export const REALTIME_TRACKS: { user: TrackFormat; bot: TrackFormat } = { user: PCM, bot: PCM };

/** What is used of a `RealtimeSession`; its audio must go over the WebSocket, not over WebRTC. */
export interface RealtimeSessionLike {
  transport: { sendAudio(audio: ArrayBuffer, ...options: never[]): void };
  // deno-lint-ignore no-explicit-any -- each event has arguments of its own
  on(event: any, listener: (...values: any[]) => void): unknown;
}

/** Publishes both sides of a session, its interruptions and its transcript, from now on. */
export function publishSession(session: RealtimeSessionLike, call: PublishedCall): void {
  const { transport } = session;
  const sendAudio = transport.sendAudio.bind(transport);
  transport.sendAudio = (audio, ...options) => {
    call.user.write(new Uint8Array(audio));
    sendAudio(audio, ...options);
  };
  session.on("audio", ({ data }) => call.bot.write(new Uint8Array(data)));
  session.on("audio_interrupted", () => call.clear());
  session.on("transport_event", (event) => publishTranscript(event, call));
}

/** An event of the API, as JSON: `type` and what belongs to it. */
export type RealtimeEvent = { type: string; [field: string]: unknown };

/**
 * Publishes what an event that the API sent says; to be called with each. What is sent to it, the
 * user's audio, goes to `call.user.write()`.
 */
export function publishEvent(event: RealtimeEvent, call: PublishedCall): void {
  switch (event.type) {
    case "response.output_audio.delta":
    case "response.audio.delta": { // as it was called before the API was generally available
      const text = atob(event.delta as string);
      call.bot.write(Uint8Array.from(text, (character) => character.charCodeAt(0)));
      break;
    }
    case "input_audio_buffer.speech_started":
      call.clear();
      break;
    default:
      publishTranscript(event, call);
  }
}

function publishTranscript({ type, transcript }: RealtimeEvent, call: PublishedCall): void {
  if (typeof transcript !== "string" || transcript === "") return;
  if (type === "conversation.item.input_audio_transcription.completed") {
    call.transcript("user", transcript);
  } else if (
    type === "response.output_audio_transcript.done" || type === "response.audio_transcript.done"
  ) {
    call.transcript("bot", transcript);
  }
}

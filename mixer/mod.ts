/**
 * Mixes the two sides of a call, each sample at its exact place in time. Web Streams and plain
 * TypeScript: no `Deno`, no sockets, no packages.
 *
 * @module
 */
export { type Clock, ManualClock, systemClock, type TimerHandle } from "./clock.ts";
export type { Encoding, TrackFormat } from "./decode.ts";
export { FrameEncoder, type FrameEncoding } from "./frame_encoder.ts";
export type { AudioEvent, Feed, FeedEvent, Inbox, TrackName } from "./inbox.ts";
export { BOT, type MixedFrame, Mixer, type MixerOptions, USER } from "./mixer.ts";
export { type FrameSink, Pipeline, type PipelineOptions } from "./pipeline.ts";
export type { Side } from "./side.ts";
export { Ticker, type TickerOptions } from "./ticker.ts";
export { type CallRate, FRAME_MS, Timeline } from "./timeline.ts";
export { Track, type TrackOptions } from "./track.ts";
export type { TrackStats } from "./track_buffer.ts";

/**
 * The ways for call audio to come in. A new provider is one file and one row here.
 *
 * @module
 */
import { pcm } from "./pcm.ts";
import type { Provider } from "./provider.ts";
import { twilio } from "./twilio.ts";

/** All providers, each mounted at `/ingest/{name}`. */
export const providers: readonly Provider[] = [
  pcm,
  twilio,
];

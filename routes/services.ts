import type { Authorizer } from "../auth/authorize.ts";
import type { KeyRing } from "../auth/keys.ts";
import type { ListenTokens } from "../auth/tokens.ts";
import type { Audience } from "../calls/audience.ts";
import type { Places } from "../calls/places.ts";
import type { CallRegistry } from "../calls/registry.ts";
import type { Config } from "../config.ts";
import type { CallFollowers } from "../events/call_followers.ts";
import type { EventStreams } from "../events/event_streams.ts";
import type { EventHub } from "../events/hub.ts";
import type { LevelWatch } from "../events/level_watch.ts";
import type { Provider } from "../ingest/provider.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../mixer/clock.ts";
import type { Ticker } from "../mixer/ticker.ts";
import type { FlacPool } from "../recordings/flac_pool.ts";
import type { RecordingStore } from "../recordings/store.ts";
import type { Downloads } from "./downloads.ts";
import type { IngestSockets } from "../sessions/ingest_sockets.ts";

/** The objects the routes work with, made once by `server.ts`. */
export interface Services {
  readonly config: Config;
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly log: Log;
  readonly keys: KeyRing;
  readonly tokens: ListenTokens;
  readonly authorizer: Authorizer;
  readonly calls: CallRegistry;
  readonly audience: Audience;
  readonly store: RecordingStore;
  readonly flacPool: FlacPool;
  readonly downloads: Downloads;
  readonly providers: readonly Provider[];
  readonly ingestSockets: IngestSockets;
  readonly hub: EventHub;
  readonly streams: EventStreams;
  readonly levels: LevelWatch;
  readonly followers: CallFollowers;
  /** Places for listeners that are sent the past. */
  readonly catchUps: Places;
  /** All metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

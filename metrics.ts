import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Audience } from "./calls/audience.ts";
import type { CallObserver } from "./calls/call.ts";
import type { CallIndex } from "./archive/call_index.ts";
import type { Places } from "./calls/places.ts";
import type { CallRegistry } from "./calls/registry.ts";
import type { RetentionRound } from "./archive/retention.ts";
import type { EventStreams } from "./events/event_streams.ts";
import type { EventHub } from "./events/hub.ts";
import type { S3Status } from "./recordings/s3_store.ts";
import type { IngestSockets } from "./sessions/ingest_sockets.ts";

/** What the gauges are read from when somebody asks. */
export interface MeteredServices {
  readonly index: CallIndex;
  readonly calls: CallRegistry;
  readonly audience: Audience;
  readonly ingestSockets: IngestSockets;
  readonly hub: EventHub;
  readonly streams: EventStreams;
  readonly downloads: Readonly<Record<"size" | "stalled", number>>;
  readonly flacPool: Readonly<Record<"active" | "waiting" | "refused" | "broken", number>>;
  readonly catchUps: Places;
}

/** What this process counts, for Prometheus. No label takes a value that a client chooses. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #started = this.#counter("earshot_calls_started_total", "Calls whose audio began");
  readonly #ended = this.#counter("earshot_calls_ended_total", "Calls that ended");
  readonly #warnings = new Counter({
    name: "earshot_call_warnings_total",
    help: "Warnings about calls, by code",
    labelNames: ["code"],
    registers: [this.#registry],
  });
  readonly #lost = this.#counter(
    "earshot_recording_lost_seconds_total",
    "Sound that the store did not take in time, lost to the recordings",
  );
  readonly #retired = new Counter({
    name: "earshot_retention_deleted_total",
    help: "Recordings deleted because of their age, or because they were too many",
    labelNames: ["why"],
    registers: [this.#registry],
  });
  readonly #retained = this.#counter(
    "earshot_retention_refused_total",
    "Times that the store did not delete what is too old or too much",
  );
  readonly #lateness = new Histogram({
    name: "earshot_tick_lateness_seconds",
    help: "How late the mixer woke up",
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1],
    registers: [this.#registry],
  });

  readonly #webhooks = new Counter({
    name: "earshot_webhooks_total",
    help: "Webhooks by what became of them; failed counts attempts",
    labelNames: ["outcome"],
    registers: [this.#registry],
  });

  /** Counts what happens to calls. */
  readonly observe: CallObserver = (event) => {
    switch (event.type) {
      case "started":
        return this.#started.inc();
      case "ended":
        return this.#ended.inc();
      case "warning": {
        const { code, active = true } = event.warning;
        if (active) this.#warnings.inc({ code });
        return;
      }
      case "gap":
        return this.#lost.inc(event.samples / event.call.details.sampleRate);
    }
  };

  /** Notes what a round of retention has done. */
  onRetention({ aged, crowded, refused }: RetentionRound): void {
    this.#retired.inc({ why: "age" }, aged);
    this.#retired.inc({ why: "size" }, crowded);
    this.#retained.inc(refused);
  }

  /** Notes by how much a wake-up of the ticker was late, ms. */
  readonly observeLateness = (lateMs: number): void => {
    this.#lateness.observe(lateMs / 1000);
  };

  /** Notes what became of webhooks. */
  readonly countWebhooks = (outcome: string, count: number): void => {
    this.#webhooks.inc({ outcome }, count);
  };

  /** Begins to report how many webhooks wait. */
  watchWebhooks(webhooks: { readonly pending: number }): void {
    this.#gauge("earshot_webhooks_pending", "Webhooks that wait", () => webhooks.pending);
  }

  /** Begins to report how accepting connections goes. */
  watchHttp(http: { readonly failures: number }): void {
    this.#gauge(
      "earshot_accept_failures",
      "Times since the start that no connection could be accepted",
      () => http.failures,
    );
  }

  /** Begins to report what waits to be taken to S3. */
  watchUploads(store: { readonly status: S3Status }): void {
    this.#gauge(
      "earshot_uploads_waiting",
      "Recordings that are not in S3 yet, those being made included",
      () => store.status.waiting,
    );
    this.#gauge(
      "earshot_spool_bytes",
      "Bytes waiting in the local spool",
      () => store.status.spoolBytes,
    );
    this.#gauge(
      "earshot_upload_failures",
      "Steps of uploads that S3 failed since the start",
      () => store.status.failures,
    );
    this.#gauge(
      "earshot_upload_trouble",
      "1 while S3 does not take recordings",
      () => store.status.isInTrouble ? 1 : 0,
    );
  }

  /** Begins to report the state of these services. */
  watch(services: MeteredServices): void {
    const { index, calls, audience, ingestSockets, hub, streams, catchUps, flacPool, downloads } =
      services;
    this.#gauge("earshot_calls", "Calls that are announced or live", () => calls.size);
    this.#gauge("earshot_recordings_writing", "Recordings that are being made", () => {
      let writing = 0;
      for (const { recorder } of calls.active) if (recorder?.state === "recording") writing++;
      return writing;
    });
    const kept = (what: "recordings" | "bytes") =>
      index.usage().reduce((sum, organisation) => sum + organisation[what], 0);
    this.#gauge("earshot_recordings", "Recordings that are kept", () => kept("recordings"));
    this.#gauge("earshot_recordings_bytes", "What they take", () => kept("bytes"));
    this.#gauge(
      "earshot_call_index_unwritten",
      "Changes that could not be written to the list of calls since the start",
      () => index.unwritten,
    );
    this.#gauge("earshot_listeners", "Listeners", () => audience.size);
    this.#gauge(
      "earshot_listener_frames_dropped",
      "Frames not sent since the start because a listener was slow",
      () => audience.dropped,
    );
    this.#gauge(
      "earshot_listeners_catching_up",
      "Listeners that are being sent the past",
      () => catchUps.taken,
    );
    this.#gauge("earshot_event_streams", "Open streams of events", () => streams.size);
    this.#gauge(
      "earshot_event_streams_dropped",
      "Streams of events ended since the start because nobody read them",
      () => streams.dropped,
    );
    this.#gauge("earshot_events", "Events published since the start", () => hub.published);
    this.#gauge("earshot_downloads", "Recordings being downloaded", () => downloads.size);
    this.#gauge(
      "earshot_downloads_stalled",
      "Downloads ended since the start because their client took nothing",
      () => downloads.stalled,
    );
    this.#gauge(
      "earshot_conversions",
      "Recordings being converted to FLAC",
      () => flacPool.active,
    );
    this.#gauge(
      "earshot_conversions_waiting",
      "Conversions that wait for others to end",
      () => flacPool.waiting,
    );
    this.#gauge(
      "earshot_conversions_refused",
      "Conversions refused since the start because too many waited",
      () => flacPool.refused,
    );
    this.#gauge(
      "earshot_conversions_broken",
      "Conversions that ended their thread since the start",
      () => flacPool.broken,
    );
    this.#gauge("earshot_ingest_sockets", "Open ingest sockets", () => ingestSockets.size);
    new Counter({
      name: "earshot_ingest_refused_total",
      help: "Ingest messages that broke the protocol, by what was wrong",
      labelNames: ["code"],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [code, count] of ingestSockets.refused) this.inc({ code }, count);
      },
    });
    this.#gauge(
      "earshot_ingest_sockets_unauthenticated",
      "Open ingest sockets that have not shown a credential",
      () => ingestSockets.unauthenticated,
    );
  }

  /** All metrics in Prometheus' text format. */
  readonly text = (): Promise<string> => this.#registry.metrics();

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}

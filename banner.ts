import type { Config } from "./config.ts";

/** What {@linkcode banner} tells of. */
export interface BannerOptions {
  config: Config;
  /** Where the server is reached on this machine. */
  origin: string;
  /** The key that was made for development mode. */
  developmentKey: string | undefined;
}

/** What the server prints when it is ready: in development mode, URLs to open as they are. */
export function banner({ config, origin, developmentKey }: BannerOptions): string {
  const from = config.publicUrl ?? origin;
  const socket = from.replace(/^http/, "ws");
  if (developmentKey === undefined) {
    return [
      `Earshot listens on ${config.host} port ${new URL(origin).port}, reached at ${from}`,
      `  All calls      ${from}/`,
      `  Twilio stream  ${socket}/ingest/twilio`,
      `  Your agent     ${socket}/ingest/pcm`,
    ].join("\n");
  }
  const token = `?token=${developmentKey}`;
  const lines = [
    "Earshot is ready, in development mode: on this machine only, with a key made for this run",
    "",
    ...(config.demo ? [`  Hear a call     ${from}/live/demo/player${token}`] : []),
    `  All calls       ${from}/${token}`,
    `  Your agent      ${socket}/ingest/pcm${token}`,
    `  Twilio stream   ${socket}/ingest/twilio   (parameter token: ${developmentKey})`,
    "",
    "Set EARSHOT_API_KEYS to run it for others. Stop with Ctrl+C.",
  ];
  return lines.join("\n");
}

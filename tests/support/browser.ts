/** A headless browser that plays sound, for tests of the pages. */
import { type Browser, chromium } from "playwright-core";

/** Where Debian's package puts it. */
const EXECUTABLE = "/usr/bin/chromium";

/**
 * Flags that keep Chromium on this machine and let sound begin without a click. Without a sound
 * device its audio thread still runs in real time (44.1 kHz, into nothing), so contexts advance.
 */
const FLAGS = [
  // Containers and CI run as root, where Chromium's sandbox cannot.
  "--no-sandbox",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  // Pages of a test share the screen with nobody, and must not be slowed down for being hidden.
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
];

const LAUNCH = { executablePath: EXECUTABLE, headless: true, args: FLAGS };

/** Where the browser listens that all test processes share, if there is one. */
const SHARED = "EARSHOT_TEST_BROWSER";

/**
 * Opens Chromium, or a connection to the one that {@linkcode shareBrowser} opened: what a caller sees of
 * it is its own contexts alone. The caller closes it.
 *
 * @throws when it is not installed
 */
export function openBrowser(): Promise<Browser> {
  const shared = Deno.env.get(SHARED);
  return shared === undefined ? chromium.launch(LAUNCH) : chromium.connect(shared);
}

/** Opens one Chromium for all test processes that are given these variables of the environment. */
export async function shareBrowser(): Promise<
  { env: Record<string, string>; close(): Promise<void> }
> {
  const server = await chromium.launchServer({ ...LAUNCH, host: "127.0.0.1" });
  return { env: { [SHARED]: server.wsEndpoint() }, close: () => server.close() };
}

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

/** Opens Chromium; the caller closes it. @throws when it is not installed */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, headless: true, args: FLAGS });
}

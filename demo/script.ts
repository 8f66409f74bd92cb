/**
 * What is said in the demo call. `scripts/make_demo.ts` turns it into `user.mulaw`, `bot.mulaw` and
 * `timeline.json`.
 *
 * @module
 */

/** One sentence of the conversation, in the order in which they begin. */
export interface ScriptLine {
  readonly who: "user" | "bot";
  readonly text: string;
  /** Pause after the end of the line before, as it is heard; negative to speak over it. */
  readonly afterMs?: number;
  /** Instead of `afterMs`: interrupts the bot's line before, this long after it began. */
  readonly interruptAfterMs?: number;
  /** User only: after the line the microphone is muted for so long. */
  readonly muteMs?: number;
}

/** From the interruption until the agent has noticed it and sends `clear`. */
export const CLEAR_DELAY_MS = 360;

/** From the end of a line until the microphone is muted. */
export const MUTE_DELAY_MS = 300;

/** Has a late greeting, both speaking at once, a barge-in, and a mute in which nobody speaks. */
export const SCRIPT: readonly ScriptLine[] = [
  {
    who: "bot",
    afterMs: 1500,
    text: "Hello, this is Ada from Northlight Broadband. How can I help you today?",
  },
  {
    who: "user",
    afterMs: 500,
    text: "Hi. My internet keeps dropping out since yesterday evening.",
  },
  {
    who: "bot",
    afterMs: 400,
    text: "I am sorry to hear that. Which colour is the light on the front of your router?",
  },
  { who: "user", afterMs: -1300, text: "It is orange, and it is blinking." },
  {
    who: "bot",
    afterMs: 500,
    text: "Thank you. Blinking orange means that the router has lost its line. " +
      "Before we try to fix it, let me read you the terms of our repair service.",
  },
  {
    who: "user",
    interruptAfterMs: 5200,
    text: "Sorry, could we skip that? I am in a hurry.",
  },
  {
    who: "bot",
    afterMs: 500,
    text: "Of course. Please switch the router off and on again. I will wait.",
  },
  { who: "user", afterMs: 400, text: "Okay, one moment.", muteMs: 5500 },
  { who: "user", afterMs: 300, text: "Done. Now the light is green!" },
  { who: "bot", afterMs: 400, text: "Great, you are back online. Have a nice day!" },
];

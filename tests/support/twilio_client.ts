import { pace } from "./pace.ts";
import { type ClientClose, openSocket } from "./socket.ts";
import { planTwilioCall, streamSidOf, type TwilioPlanOptions } from "./twilio_plan.ts";

/** A {@linkcode TwilioPlanOptions} and where to send it. */
export interface TwilioCallOptions extends TwilioPlanOptions {
  /** Such as `ws://127.0.0.1:8000/ingest/twilio`. */
  url: string;
  /** Headers of the upgrade, such as `x-twilio-signature`. */
  headers?: Record<string, string>;
  /** Whether `stop` follows the last audio by itself. @default true */
  stopAtEnd?: boolean;
}

/** Far more than Twilio is ever to be sent. */
const MAX_RECEIVED = 1000;

/** A call being streamed as Twilio Media Streams do, in real time. */
export interface TwilioCall {
  readonly streamSid: string;
  /** Of `performance.now()` when `connected` was sent: media time 0. */
  readonly startedAtMs: number;
  /** Settles when the last message planned has been sent, or when the call was stopped. */
  readonly sent: Promise<void>;
  /** Settles when the socket has closed. */
  readonly closed: Promise<ClientClose>;
  /** Messages the server sent. To Twilio it should send none. */
  readonly received: unknown[];
  /** Stops sending, hangs up with a `stop` message, closes the socket and waits for it. */
  stop(): Promise<ClientClose>;
  /** Leaves without a `stop` message or a close code, and waits for the close. */
  drop(): Promise<ClientClose>;
}

/**
 * Streams a call to `url`; settles once the socket is open and the sending has begun.
 *
 * @throws when the server refuses the upgrade
 */
export async function startTwilioCall(options: TwilioCallOptions): Promise<TwilioCall> {
  const { url, headers = {}, callSid, stopAtEnd = true } = options;
  const plan = planTwilioCall(options);
  const received: unknown[] = [];
  const { socket, opened, closed } = openSocket(url, headers, (data) => {
    if (received.length < MAX_RECEIVED) received.push(data);
  });
  await opened;
  const halt = new AbortController();
  const streamSid = streamSidOf(callSid);
  let hungUp = false;

  const hangUp = () => {
    if (hungUp || socket.readyState !== WebSocket.OPEN) return;
    hungUp = true;
    const accountSid = "AC00000000000000000000000000000000";
    const sequenceNumber = String(plan.length);
    const stop = { accountSid, callSid };
    socket.send(JSON.stringify({ event: "stop", sequenceNumber, stop, streamSid }));
  };
  const startedAtMs = performance.now();
  const send = ({ text }: { text: string }) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
  };
  closed.then(() => halt.abort());
  const sent = pace(plan, send, halt.signal).then(() => {
    if (stopAtEnd && !halt.signal.aborted) hangUp();
  });
  const leave = async (beforehand: () => void, code?: number) => {
    halt.abort();
    await sent;
    beforehand();
    socket.close(code);
    return await closed;
  };
  const stop = () => leave(hangUp, 1000);
  const drop = () => leave(() => {});
  return { streamSid, startedAtMs, sent, closed, received, stop, drop };
}

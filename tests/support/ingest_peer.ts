/** What arrived on one socket of an {@linkcode IngestPeer}. */
export interface PeerSession {
  readonly path: string;
  /** The upgrade's headers. */
  readonly headers: Headers;
  readonly messages: { readonly atMs: number; readonly data: string | Uint8Array<ArrayBuffer> }[];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
}

/** A server for agents, without any sound: it keeps what it is sent. Closes with `await using`. */
export interface IngestPeer extends AsyncDisposable {
  readonly port: number;
  /** Such as `ws://127.0.0.1:40000`. */
  readonly origin: string;
  readonly sessions: PeerSession[];
  /** Answers session number `index`, from 0, once it is there. */
  session(index: number): Promise<PeerSession>;
}

/** What a peer answers to text messages; nothing when it answers `undefined`. */
export type PeerAnswer = (
  message: Record<string, unknown>,
  session: PeerSession,
) => Record<string, unknown> | undefined;

/** Enough for some minutes of a call; what comes after is not kept. */
const MAX_MESSAGES = 50_000;

/** Answers `start` with `started` and closes after `end`, as `/ingest/pcm` does. */
export const answerAsEarshot: PeerAnswer = ({ type, callId }, { socket }) => {
  if (type === "end") socket.close(1000);
  return type === "start" ? { type: "started", callId } : undefined;
};

/** Listens on a free port of 127.0.0.1. */
export function startIngestPeer(answer: PeerAnswer = answerAsEarshot): IngestPeer {
  const sessions: PeerSession[] = [];
  const arrivals = new Set<() => void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    // Once upgraded, the request cannot be read any more.
    const headers = new Headers(request.headers);
    const path = new URL(request.url).pathname;
    const { socket, response } = Deno.upgradeWebSocket(request);
    const closed = Promise.withResolvers<number>();
    socket.binaryType = "arraybuffer";
    const session: PeerSession = {
      path,
      headers,
      messages: [],
      socket,
      closed: closed.promise,
    };
    socket.onmessage = ({ data }) => {
      const kept = typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer);
      if (session.messages.length < MAX_MESSAGES) {
        session.messages.push({ atMs: performance.now(), data: kept });
      }
      if (typeof data !== "string") return;
      const reply = answer(JSON.parse(data), session);
      if (reply !== undefined) socket.send(JSON.stringify(reply));
    };
    socket.onclose = ({ code }) => closed.resolve(code);
    sessions.push(session);
    for (const resolve of arrivals) resolve();
    arrivals.clear();
    return response;
  });
  const { port } = server.addr;
  return {
    port,
    origin: `ws://127.0.0.1:${port}`,
    sessions,
    async session(index) {
      while (sessions.length <= index) {
        await new Promise<void>((resolve) => arrivals.add(resolve));
      }
      return sessions[index];
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of sessions) if (socket.readyState <= WebSocket.OPEN) socket.close();
      await Promise.all(sessions.map(({ closed }) => closed));
      await server.shutdown();
    },
  };
}

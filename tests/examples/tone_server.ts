/** A live stream of a sine at 1 kHz, 16 kHz sample rate. Closes with `await using`. */
export interface ToneServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40000`. */
  readonly url: string;
  /** Paths and queries asked for. */
  readonly requests: string[];
}

const SAMPLE_RATE = 16000;
const FRAME_SAMPLES = SAMPLE_RATE / 20;
/** A whole number of periods, so that each frame goes on where the one before ended. */
const FRAME = Int16Array.from(
  { length: FRAME_SAMPLES },
  (_, i) => 8000 * Math.sin(2 * Math.PI * 1000 * i / SAMPLE_RATE),
);

/**
 * Serves `frames` frames to whoever comes with the token `key`, one every `paceMs`, a keepalive
 * among them, then the end of the call. `page` is served at `/`.
 */
export function startToneServer(frames: number, paceMs: number, page = ""): ToneServer {
  const requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname, search, searchParams } = new URL(request.url);
    if (pathname === "/") return new Response(page, { headers: { "content-type": "text/html" } });
    if (!pathname.startsWith("/live/")) return new Response("", { status: 404 }); // an icon
    requests.push(pathname + search);
    const bearer = request.headers.get("authorization")?.replace("Bearer ", "");
    if ((searchParams.get("token") ?? bearer) !== "key") return new Response("", { status: 401 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    const metadata = { sampleRate: SAMPLE_RATE, channels: 1, bitDepth: 16, sessionId: "CA1" };
    let sent = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (sent === 5) socket.send(new Uint8Array(2));
      if (sent++ < frames) {
        socket.send(FRAME);
        timer = setTimeout(send, paceMs);
      } else {
        socket.send(new Uint8Array(0));
        socket.close(1000);
      }
    };
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "metadata", ...metadata }));
      send();
    };
    socket.onclose = () => clearTimeout(timer);
    return response;
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

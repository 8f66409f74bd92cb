/**
 * The floor: the least a Deno process can do that receives the same messages as Earshot and sends the
 * same frames. It looks at nothing it receives, knows no calls, mixes nothing and keeps nothing.
 *
 * Usage: `deno run --allow-net bench/floor.ts PORT [BYTES]`, bytes of a frame, 800 without
 *
 * @module
 */
const FRAME_MS = 50;
const frame = new Uint8Array(Number(Deno.args[1] ?? 800));
const listeners = new Set<WebSocket>();

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} }, (request) => {
  if (request.headers.get("upgrade") !== "websocket") return new Response("ok");
  const isListener = request.url.includes("/live/");
  // The same options as Earshot's, so that the platform does the same work for both.
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: isListener ? 30 : 0,
  });
  if (isListener) {
    socket.onopen = () => void listeners.add(socket);
    socket.onclose = () => void listeners.delete(socket);
  } else {
    socket.binaryType = "arraybuffer";
    socket.onmessage = () => {};
  }
  return response;
});

const startMs = performance.now();
let sent = 0;

/** Sends a frame to everybody and sleeps until the next is due, by the clock. */
function tick(): void {
  for (const socket of listeners) {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame);
  }
  sent++;
  setTimeout(tick, Math.max(0, startMs + (sent + 1) * FRAME_MS - performance.now()));
}
tick();

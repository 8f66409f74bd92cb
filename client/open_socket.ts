import type { Socket } from "./socket.ts";

type SocketClass = new (
  url: string,
  options?: { headers: Record<string, string> },
) => Socket;

/**
 * Opens a WebSocket. The key goes into a header; browsers cannot send one, there it goes into the
 * query.
 */
export async function openSocket(url: URL, key: string): Promise<Socket> {
  const platform = globalThis as unknown as { WebSocket?: SocketClass; document?: unknown };
  const headers = { authorization: `Bearer ${key}` };
  let socket: Socket;
  if (platform.WebSocket === undefined) {
    const { NodeSocket } = await import("./node_socket.ts");
    socket = new NodeSocket(url, headers);
  } else if (platform.document !== undefined) {
    const withKey = new URL(url);
    withKey.searchParams.set("token", key);
    socket = new platform.WebSocket(withKey.href);
  } else {
    socket = new platform.WebSocket(url.href, { headers });
  }
  socket.binaryType = "arraybuffer";
  return socket;
}

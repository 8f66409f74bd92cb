/** How a client's socket ended. */
export interface ClientClose {
  readonly code: number;
  readonly reason: string;
  /** `performance.now()` of the close event. */
  readonly atMs: number;
}

/** A WebSocket and the promises of its beginning and its end. */
export interface ClientSocket {
  readonly socket: WebSocket;
  /** Rejects when the server refuses the upgrade; for the status, ask with `fetch`. */
  readonly opened: Promise<void>;
  /** Never rejects. */
  readonly closed: Promise<ClientClose>;
}

/**
 * Opens a WebSocket; binary messages come as `ArrayBuffer`. `onMessage` misses none: a server may
 * send before `opened` has been noticed.
 */
export function openSocket(
  url: string,
  headers: Record<string, string>,
  onMessage: (data: string | ArrayBuffer) => void,
): ClientSocket {
  const socket = new WebSocket(url, { headers });
  socket.binaryType = "arraybuffer";
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<ClientClose>();
  let failure = "";
  socket.onopen = () => opened.resolve();
  socket.onmessage = (event) => onMessage(event.data);
  socket.onerror = (event) => failure = (event as ErrorEvent).message;
  socket.onclose = ({ code, reason }) => {
    opened.reject(new Error(`Cannot open ${url}: ${failure || `closed with ${code} ${reason}`}`));
    closed.resolve({ code, reason, atMs: performance.now() });
  };
  return { socket, opened: opened.promise, closed: closed.promise };
}

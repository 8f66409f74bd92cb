const encoder = new TextEncoder();

/** How old a webhook may be, and how far ahead its clock. */
const TOLERANCE_SECONDS = 300;

/**
 * Verifies a webhook as Standard Webhooks has it, and answers its body as JSON.
 *
 * @param body exactly as it was received
 * @param secret `whsec_…`, as the server's `EARSHOT_WEBHOOK_SECRET`
 * @throws when it was not signed with the secret, or is older than five minutes
 */
export async function verifyWebhook(
  body: string,
  headers: Headers,
  secret: string,
  nowMs: number = Date.now(),
): Promise<{ type: string; timestamp: string; data: Record<string, unknown> }> {
  const sentAt = Number(headers.get("webhook-timestamp") ?? NaN);
  if (!(Math.abs(nowMs / 1000 - sentAt) <= TOLERANCE_SECONDS)) {
    throw new Error("Cannot verify webhook: its timestamp is not of the last five minutes");
  }
  const key = await crypto.subtle.importKey(
    "raw",
    fromBase64(secret.replace(/^whsec_/, "")),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const signed = encoder.encode(`${headers.get("webhook-id")}.${sentAt}.${body}`);
  for (const signature of (headers.get("webhook-signature") ?? "").split(" ")) {
    if (!/^v1,[A-Za-z0-9+/]+=*$/.test(signature)) continue;
    if (await crypto.subtle.verify("HMAC", key, fromBase64(signature.slice(3)), signed)) {
      return JSON.parse(body);
    }
  }
  throw new Error("Cannot verify webhook: no signature was made with this secret");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

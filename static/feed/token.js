// @ts-check

/**
 * An address of the same server, with the token of another of its addresses. Another server's is left
 * as it is: our token is none of its business.
 *
 * @param {string} from absolute, with a token
 * @param {string} to absolute, or relative to `from`
 */
export function withTokenOf(from, to) {
  const base = new URL(from);
  const url = new URL(to, base);
  const token = base.searchParams.get("token");
  if (url.origin === base.origin && token !== null) url.searchParams.set("token", token);
  return url.href;
}

// @ts-check

/** Pixels of a waveform: as many as the widest row has bars. */
const PIXELS = 240;

/**
 * A call's waveform, as the server tells it (audiowaveform's JSON, version 2).
 *
 * @param {{ get: (path: string, query: Record<string, string>) => Promise<any> }} api
 * @param {string} id
 * @returns {Promise<import("./peaks_loader.js").Peaks | null>} `null` when it is not as expected
 * @throws whatever asking throws
 */
export async function loadPeaks(api, id) {
  const path = `calls/${encodeURIComponent(id)}/peaks`;
  const body = await api.get(path, { pixels: String(PIXELS), format: "json" });
  if (body.channels !== 2 || !Array.isArray(body.data)) return null;
  return { data: body.data, length: body.data.length / 4 };
}

/** What there is of a call, in samples. */
export interface Extent {
  sampleRate: number;
  frameSamples: number;
  /** First position that is held. */
  begin: number;
  /** Where the next live frame begins. */
  edge: number;
}

/**
 * Where one begins who asks for `seconds` since the call began, or back from the live edge if negative:
 * the frame that holds the moment, or the nearest that there is.
 */
export function fromPosition(seconds: number, extent: Extent): number {
  const { sampleRate, frameSamples, begin, edge } = extent;
  const wanted = Math.round(seconds * sampleRate) + (seconds < 0 ? edge : 0);
  const whole = Math.floor(wanted / frameSamples) * frameSamples;
  return Math.min(edge, Math.max(begin, whole));
}

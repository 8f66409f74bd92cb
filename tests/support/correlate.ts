/** How alike two signals are, and how far one has to be moved for that. */
export interface Correlation {
  /** Normalised: 1 for the same signal at any level, -1 for its opposite, 0 for none. */
  readonly peak: number;
  /** Where the reference begins in the signal, in samples; positive: the signal is later. */
  readonly lagSamples: number;
}

/** Which lags are tried, in samples, both ends included. */
export interface LagRange {
  readonly minLag: number;
  readonly maxLag: number;
}

/** The lag of one stretch of the reference. */
export interface WindowLag extends Correlation {
  /** Of the stretch's first sample in the reference. */
  readonly position: number;
}

/**
 * Finds `reference` in `signal` by normalised cross-correlation, computed directly: the cost is
 * `reference.length` times the number of lags. Where the reference reaches over an end of the
 * signal, the part inside counts, if it is at least half of it.
 *
 * @throws {RangeError} when no lag leaves half of the reference inside the signal
 */
export function correlate(
  reference: Int16Array,
  signal: Int16Array,
  { minLag, maxLag }: LagRange,
): Correlation {
  const least = Math.max(1, Math.ceil(reference.length / 2));
  let best: Correlation | undefined;
  for (let lag = minLag; lag <= maxLag; lag++) {
    const from = Math.max(0, -lag);
    const to = Math.min(reference.length, signal.length - lag);
    if (to - from < least) continue;
    let product = 0;
    let referenceEnergy = 0;
    let signalEnergy = 0;
    for (let i = from; i < to; i++) {
      const a = reference[i];
      const b = signal[i + lag];
      product += a * b;
      referenceEnergy += a * a;
      signalEnergy += b * b;
    }
    const scale = Math.sqrt(referenceEnergy * signalEnergy);
    const peak = scale === 0 ? 0 : product / scale;
    if (best === undefined || peak > best.peak) best = { peak, lagSamples: lag };
  }
  if (best === undefined) {
    throw new RangeError(
      `Cannot correlate: no lag from ${minLag} to ${maxLag} leaves half of the reference's ` +
        `${reference.length} samples inside the signal's ${signal.length}`,
    );
  }
  return best;
}

/**
 * How the lag goes on: that of every `windowSamples` of the reference. Windows quieter than an RMS
 * of 100 (-50 dBFS) are left out, because silence fits anywhere; so are those outside the signal.
 */
export function correlateWindows(
  reference: Int16Array,
  signal: Int16Array,
  options: LagRange & { readonly windowSamples: number; readonly hopSamples?: number },
): WindowLag[] {
  const { minLag, maxLag, windowSamples, hopSamples = windowSamples } = options;
  const lags: WindowLag[] = [];
  for (let at = 0; at + windowSamples <= reference.length; at += hopSamples) {
    const window = reference.subarray(at, at + windowSamples);
    // The part of the signal that the lags can reach, so that all of them lie inside it.
    const from = at + minLag;
    const to = at + windowSamples + maxLag;
    if (from < 0 || to > signal.length || rms(window) < 100) continue;
    const { peak, lagSamples } = correlate(window, signal.subarray(from, to), {
      minLag: 0,
      maxLag: maxLag - minLag,
    });
    lags.push({ position: at, peak, lagSamples: lagSamples + minLag });
  }
  return lags;
}

function rms(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return Math.sqrt(energy / samples.length);
}

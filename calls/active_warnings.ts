import type { CallWarning } from "./call_options.ts";

/** A warning that is not over. */
export interface ActiveWarning {
  readonly code: string;
  /** The side it is about, if it is about one. */
  readonly track?: "user" | "bot";
  /** Where in the call it was noticed, in samples. */
  readonly position: number;
}

/** What a warning says, and where in the call. */
type Told =
  & Required<Pick<CallWarning, "code" | "message" | "position">>
  & Pick<ActiveWarning, "track">;

/** The warnings of one call that are not over: each is told once when it begins and once when it ends. */
export class ActiveWarnings {
  readonly #active = new Map<string, ActiveWarning>();
  readonly #tell: (warning: CallWarning) => void;

  /** @param tell must not throw */
  constructor(tell: (warning: CallWarning) => void) {
    this.#tell = tell;
  }

  /** Those that are not over, oldest first. As many as there are codes and sides, at most. */
  get list(): ActiveWarning[] {
    return [...this.#active.values()];
  }

  /** Something is wrong; told if it was not before. */
  raise(warning: Told): void {
    const { code, track, position } = warning;
    const key = `${code} ${track}`;
    if (this.#active.has(key)) return;
    this.#active.set(key, { code, position, ...(track && { track }) });
    this.#tell({ ...warning, active: true });
  }

  /** It is over; told if it was not before. */
  clear(warning: Told): void {
    if (this.#active.delete(`${warning.code} ${warning.track}`)) {
      this.#tell({ ...warning, active: false });
    }
  }
}

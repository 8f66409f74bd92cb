import type { CallObserver } from "./call.ts";

/**
 * Several observers as one. A throwing observer affects neither the others nor the call.
 *
 * @param onError is told what an observer threw; must not throw
 */
export function tellAll(
  observers: readonly CallObserver[],
  onError: (error: unknown) => void,
): CallObserver {
  return (event) => {
    for (const observer of observers) {
      try {
        observer(event);
      } catch (error) {
        onError(error);
      }
    }
  };
}

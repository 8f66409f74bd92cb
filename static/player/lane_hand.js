// @ts-check
/// <reference lib="dom" />

/** A hand that moves less than this has clicked. */
const STEADY_PX = 4;

/**
 * The hand on the lane: a click goes where it points, a drag pulls the waveform along under the
 * playhead.
 *
 * @param {HTMLElement} element
 * @param {{
 *   view: () => { start: number, position: number, pixelsPerSecond: number },
 *   onPreview: (seconds: number | undefined) => void,
 *   onSeek: (seconds: number) => void,
 * }} lane
 */
export function handleLane(element, { view, onPreview, onSeek }) {
  /** @type {{ x: number, start: number, position: number, pixelsPerSecond: number } | undefined} */
  let grip;
  let isDragged = false;

  /** @param {PointerEvent} event */
  const dragged = ({ clientX }) =>
    grip === undefined ? 0 : grip.position - (clientX - grip.x) / grip.pixelsPerSecond;

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    grip = { x: event.clientX, ...view() };
    isDragged = false;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (grip === undefined) return;
    if (Math.abs(event.clientX - grip.x) >= STEADY_PX) isDragged = true;
    if (!isDragged) return;
    element.classList.add("dragged");
    onPreview(dragged(event));
  });
  element.addEventListener("pointerup", (event) => {
    if (grip === undefined) return;
    const left = element.getBoundingClientRect().left;
    const seconds = isDragged
      ? dragged(event)
      : grip.start + (event.clientX - left) / grip.pixelsPerSecond;
    release();
    onSeek(seconds);
  });
  element.addEventListener("pointercancel", release);

  function release() {
    grip = undefined;
    element.classList.remove("dragged");
    onPreview(undefined);
  }
}

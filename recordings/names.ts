/** What may name a recording; the same characters that a call id may have on the wire. */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** Whether `name` can be a call's id. */
export function isCallId(name: string): boolean {
  return NAME.test(name);
}

/** Whether `name` can be an organisation: a folder's name, hence neither `.` nor `..`. */
export function isOrganisation(name: string): boolean {
  return NAME.test(name) && name !== "." && name !== "..";
}

/**
 * Checks again what the edge has checked already, because these names become paths and object keys.
 *
 * @throws {RangeError} when one of them cannot name a recording
 */
export function checkNames(names: { callId: string; organisation: string }): void {
  if (!isCallId(names.callId)) {
    throw new RangeError(
      "Cannot name recording: callId must be 1 to 128 of A-Z a-z 0-9 _ . -, received " +
        JSON.stringify(names.callId.slice(0, 140)),
    );
  }
  if (!isOrganisation(names.organisation)) {
    throw new RangeError(
      "Cannot name recording: organisation must be 1 to 128 of A-Z a-z 0-9 _ . - and not . or .., " +
        `received ${JSON.stringify(names.organisation.slice(0, 140))}`,
    );
  }
}

import { type Parser, Refused } from "./parsers.ts";

/** Most organisations that may have a time of their own. */
const MAX_ORGANISATIONS = 1000;
const MAX_DAYS = 36_500;
const MAX_GB = 1_000_000;

/** A whole number of days. */
export const days: Parser<number> = {
  takes: `a whole number of days from 1 to ${MAX_DAYS}`,
  parse(text) {
    const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
    if (!(value >= 1 && value <= MAX_DAYS)) throw new Refused();
    return value;
  },
};

/** Gigabytes of 10^9 bytes, down to a megabyte. */
export const gigabytes: Parser<number> = {
  takes: `a number of GB from 0.001 to ${MAX_GB}`,
  parse(text) {
    const value = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
    if (!(value >= 0.001 && value <= MAX_GB)) throw new Refused();
    return value;
  },
};

/** Days by organisation, `Infinity` for good. */
export const daysByOrganisation: Parser<ReadonlyMap<string, number>> = {
  takes: "organisation=days pairs separated by commas, with forever in place of days to keep all " +
    "(acme=30,globex=forever)",
  parse(text) {
    const entries = text.split(",").map((entry) => entry.trim());
    if (entries.length > MAX_ORGANISATIONS) {
      throw new Refused(`${entries.length} entries are more than ${MAX_ORGANISATIONS}`);
    }
    const byOrganisation = new Map<string, number>();
    for (const entry of entries) {
      const [, organisation, value] = /^([A-Za-z0-9_.-]{1,64})=(\w+)$/.exec(entry) ?? [];
      if (organisation === undefined || value === undefined) throw new Refused();
      if (byOrganisation.has(organisation)) {
        throw new Refused(`${organisation} is there twice`);
      }
      byOrganisation.set(
        organisation,
        value === "forever" ? Infinity : daysOf(organisation, value),
      );
    }
    return byOrganisation;
  },
};

function daysOf(organisation: string, text: string): number {
  try {
    return days.parse(text);
  } catch {
    throw new Refused(`${organisation} must have ${days.takes}, or forever`);
  }
}

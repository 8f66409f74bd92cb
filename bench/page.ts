import { machine } from "./machine.ts";

const PAGE = new URL("../docs/performance.md", import.meta.url);
const STORY = new URL("story.md", import.meta.url);

/**
 * Writes docs/performance.md: the machine, what `story.md` beside this file tells, if it is there, with
 * its links as seen from docs, and the tables.
 *
 * @param report the tables, Markdown
 */
export async function writePage(report: string): Promise<void> {
  const command = ["deno task bench", ...Deno.args].join(" ");
  const page = `# Performance

Measured by \`${command}\` on

${machine()}

${await readStory()}

The floor is a Deno server that receives the same messages and sends the same frames, and looks at
nothing. A ratio is Earshot's CPU time by the floor's, the median over pairs of runs; the spread next to
it is (largest - smallest) / median. Calls per core fill 80 % of a core.

${report}
`;
  await Deno.mkdir(new URL(".", PAGE), { recursive: true });
  await Deno.writeTextFile(PAGE, page);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PAGE.pathname] }).output();
}

async function readStory(): Promise<string> {
  try {
    return await Deno.readTextFile(STORY);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

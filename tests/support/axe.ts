import axe from "axe-core";
import type { Page } from "playwright-core";

/**
 * What the accessibility engine finds wrong in a page, a line each. The page's context has to be opened
 * with `bypassCSP`: its policy would keep the engine out.
 *
 * @param rules to look at; all without
 */
export async function violationsOf(page: Page, rules?: string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const options = rules === undefined ? {} : { runOnly: { type: "rule", values: rules } };
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(document, ${JSON.stringify(options)})`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`)
  );
}

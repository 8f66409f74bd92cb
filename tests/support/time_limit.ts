/**
 * Gives every test a time limit: one that hangs fails and is named, and the others go on. Loaded before
 * each test module, see the tasks in `deno.json`.
 *
 * @module
 */

/** The longest test takes a third of this beside two busy loops. A test may set its own `timeout`. */
const LIMIT_MS = 300_000;

type Test = typeof Deno.test;
type Definition = Partial<Deno.TestDefinition>;

/** Whatever of the forms of `Deno.test()` a test has, as one definition. */
function definitionOf(parts: unknown[]): Deno.TestDefinition {
  const definition: Definition = { timeout: LIMIT_MS };
  for (const part of parts) {
    if (typeof part === "string") definition.name = part;
    else if (typeof part === "function") definition.fn = part as Deno.TestDefinition["fn"];
    else Object.assign(definition, part);
  }
  definition.name ??= definition.fn?.name ?? "";
  return definition as Deno.TestDefinition;
}

Object.assign(Deno, {
  test: new Proxy(Deno.test, {
    apply: (test: Test, _self, parts: unknown[]) => test(definitionOf(parts)),
  }),
});

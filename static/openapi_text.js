// @ts-check

/**
 * The parts of a JSON Schema that our own description uses.
 *
 * @typedef {object} Schema
 * @property {string} [$ref]
 * @property {string | string[]} [type]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [items]
 * @property {Schema[]} [prefixItems]
 * @property {Schema[]} [anyOf]
 * @property {unknown[]} [enum]
 * @property {unknown} [const]
 * @property {boolean | Schema} [additionalProperties]
 * @property {string} [description]
 * @property {unknown} [default]
 */

/** Deeper than any answer of ours. */
const MOST_LEVELS = 8;

/**
 * A schema as a person reads it, in the manner of TypeScript: names, types, `?` for what may be absent.
 *
 * @param {Schema | undefined} schema
 * @param {Record<string, Schema>} named what `$ref` points into
 * @param {string} [indent]
 * @returns {string}
 */
export function schemaText(schema, named, indent = "") {
  if (schema === undefined || indent.length > 2 * MOST_LEVELS) return "\u2026";
  if (schema.$ref !== undefined) {
    return schemaText(named[schema.$ref.split("/").at(-1) ?? ""], named, indent);
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map((one) => schemaText(one, named, indent)).join(" | ");
  const types = [schema.type ?? "any"].flat();
  return types.map((type) => typeText(type, schema, named, indent)).join(" | ");
}

/**
 * @param {string} type
 * @param {Schema} schema
 * @param {Record<string, Schema>} named
 * @param {string} indent
 */
function typeText(type, schema, named, indent) {
  if (type === "array") {
    if (schema.prefixItems) {
      return `[${schema.prefixItems.map((one) => schemaText(one, named, indent)).join(", ")}]`;
    }
    return `${schemaText(schema.items, named, indent)}[]`;
  }
  if (type !== "object") return type;
  if (!schema.properties) {
    const { additionalProperties: values } = schema;
    return `{ [name]: ${typeof values === "object" ? schemaText(values, named, indent) : "any"} }`;
  }
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties).map(([name, value]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    const note = value.description ? `  // ${value.description}` : "";
    return `${inner}${name}${mark}: ${schemaText(value, named, inner)}${note}`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

// @ts-check
/// <reference lib="dom" />
import { schemaText } from "./openapi_text.js";

/** @typedef {import("./openapi_text.js").Schema} Schema */

/**
 * @typedef {object} Operation
 * @property {string} summary
 * @property {{ name: string, in: string, required?: boolean, schema: Schema, description?: string }[]} [parameters]
 * @property {{ content: Record<string, { schema: Schema }> }} [requestBody]
 * @property {Record<string, { description: string, content?: Record<string, { schema: Schema }> }>} responses
 */

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`Cannot find #${id}: docs.html and docs.js must match`);
  return found;
}

/**
 * @param {string} title
 * @param {string} text
 */
function part(title, text) {
  const heading = Object.assign(document.createElement("h3"), { textContent: title });
  // Scrolled by keyboard, where it is wider than the page.
  const block = Object.assign(document.createElement("pre"), { textContent: text, tabIndex: 0 });
  return [heading, block];
}

/**
 * @param {string} name such as "GET /calls"
 * @param {Operation} operation
 * @param {Record<string, Schema>} named
 */
function show(name, operation, named) {
  const template = /** @type {HTMLTemplateElement} */ (element("operation"));
  const section = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  const id = name.toLowerCase().replaceAll(/[^a-z]+/g, "-").replace(/-$/, "");
  section.id = id;
  const heading = section.querySelector("h2");
  if (heading) heading.textContent = name;
  const summary = section.querySelector(".summary");
  if (summary) summary.textContent = operation.summary;
  const parts = [];
  if (operation.parameters?.length) {
    const lines = operation.parameters.map((parameter) => {
      const { schema, required, description = schema.description ?? "" } = parameter;
      const initial = schema.default === undefined ? "" : ` = ${schema.default}`;
      const note = description && `  // ${description}`;
      return `${parameter.name}${required ? "" : "?"}: ${
        schemaText(schema, named)
      }${initial}${note}`;
    });
    parts.push(...part("Parameters", lines.join("\n")));
  }
  for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
    parts.push(...part("Body", schemaText(schema, named)));
  }
  for (const [status, { description, content }] of Object.entries(operation.responses)) {
    const [type, answer] = Object.entries(content ?? {})[0] ?? [];
    if (Number(status) >= 400) continue;
    const text = type === "application/json"
      ? schemaText(answer?.schema, named)
      : type ?? "no body";
    parts.push(...part(`${status} ${description}`, text));
  }
  const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
  const lines = refusals.map(([status, { description }]) => `${status} ${description}`);
  parts.push(...part("Errors", lines.join("\n")));
  section.querySelector(".parts")?.append(...parts);
  const link = Object.assign(document.createElement("a"), { href: `#${id}`, textContent: name });
  const item = document.createElement("li");
  item.append(link);
  element("contents").append(item);
  element("operations").append(section);
}

try {
  const response = await fetch("openapi.json");
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const { paths, components } = await response.json();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      show(`${method.toUpperCase()} ${path}`, operation, components?.schemas ?? {});
    }
  }
  element("notice").hidden = true;
  document.querySelector(location.hash || "body")?.scrollIntoView();
} catch (error) {
  const reason = error instanceof Error ? error.message : error;
  element("notice").textContent = `Cannot load the description: ${reason}. Reload to try again.`;
}

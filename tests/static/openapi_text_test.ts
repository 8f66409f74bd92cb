import assert from "node:assert/strict";
import { schemaText } from "../../static/openapi_text.js";

Deno.test("schemaText() shows objects, what may be absent, and what stands behind a name", () => {
  const named = { Side: { type: "object", properties: { lost: { type: "number" } } } };
  const schema = {
    type: ["object", "null"],
    required: ["id"],
    properties: {
      id: { type: "string", description: "of the call" },
      state: { enum: ["live", "ended"] },
      user: { $ref: "#/components/schemas/Side" },
      tags: { type: "array", items: { type: "string" } },
      about: { type: "object", additionalProperties: { type: "string" } },
    },
  };
  assert.equal(
    schemaText(schema, named),
    `{
  id: string  // of the call
  state?: "live" | "ended"
  user?: {
    lost?: number
  }
  tags?: string[]
  about?: { [name]: string }
} | null`,
  );
});

Deno.test("schemaText() ends where a schema contains itself", () => {
  const named: Record<string, object> = {};
  named.Tree = { type: "object", properties: { child: { $ref: "#/components/schemas/Tree" } } };
  assert.ok(schemaText({ $ref: "#/components/schemas/Tree" }, named).includes("…"));
});

import type { Hook, z } from "@hono/zod-openapi";
import type { Env } from "hono";
import { errorBody } from "./api_error.ts";
import { errorSchema } from "./call_schemas.ts";

/** A response of an error. */
export const error = (description: string) => ({
  description,
  content: { "application/json": { schema: errorSchema } },
});

/** The errors any route may answer. */
export const errors = {
  400: error("The request is not understood"),
  401: error("No valid credential, or one of another organisation"),
  404: error("There is no such call"),
};

/** A response of JSON. */
export function answer<S extends 200 | 201, T extends z.ZodType>(
  status: S,
  description: string,
  schema: T,
) {
  const response = { description, content: { "application/json": { schema } } };
  return { [status]: response } as Record<S, typeof response>;
}

/** A JSON request body. */
export function body<T extends z.ZodType>(schema: T, required = true) {
  return { required, content: { "application/json": { schema } } };
}

/** Answers what does not fit a schema: the first problem, with the field's name. */
export const validationHook: Hook<unknown, Env, string, unknown> = (result, c) => {
  if (result.success) return;
  const { path, message } = result.error.issues[0];
  const field = path.length === 0 ? "" : `${path.join(".")}: `;
  return c.json(errorBody("bad_request", field + message), 400);
};

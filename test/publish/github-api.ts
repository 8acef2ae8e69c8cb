import { Ajv } from "ajv";
import type { Check } from "./forge-server.ts";
import api from "./github-api.json" with { type: "json" };

const ajv = new Ajv({ strict: false });
const OPERATIONS = api.operations.map(({ path, body, ...rest }) => {
  const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, "[^/?]+")}$`);
  return { ...rest, pattern, isBody: ajv.compile(body) };
});

/**
 * Holds a request to what GitHub publishes about its API: an operation that there is, no parameter and no field that it does
 * not know, and those that it needs, of the right type. GraphQL has a description of its own.
 */
export const checkGithub: Check = ({ method, url, body }) => {
  if (url.endsWith("/graphql")) return;
  const { pathname, searchParams } = new URL(url, "http://x");
  const operation = OPERATIONS.find((one) => one.method === method && one.pattern.test(pathname));
  if (!operation) throw new Error(`${method} ${pathname} is no operation of the API`);
  const strange = [...searchParams.keys()].filter((name) => !(operation.query as readonly string[]).includes(name));
  if (strange.length > 0) throw new Error(`${operation.id} takes no ${strange.join(", ")}`);
  if (!operation.isBody(body ?? {})) throw new Error(`${operation.id}: ${ajv.errorsText(operation.isBody.errors)}`);
};

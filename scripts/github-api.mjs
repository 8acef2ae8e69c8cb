// What GitHub's published description says of the requests that fluxlift sends, for the server of the tests (test/publish).
// Use: npm install --prefix FOLDER @octokit/openapi && node scripts/github-api.mjs FOLDER
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const OPERATIONS = [
  "get /repos/{owner}/{repo}/pulls",
  "get /repos/{owner}/{repo}/pulls/{pull_number}",
  "get /repos/{owner}/{repo}/issues/{issue_number}/comments",
  "post /repos/{owner}/{repo}/issues/{issue_number}/comments",
  "patch /repos/{owner}/{repo}/issues/comments/{comment_id}",
  "post /repos/{owner}/{repo}/statuses/{sha}",
];

const [folder = ""] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(join(folder, "node_modules/@octokit/openapi", path), "utf8"));
const api = read("generated/api.github.com.json");
const resolve = (value) =>
  value.$ref
    ? value.$ref
        .split("/")
        .slice(1)
        .reduce((at, key) => at[key], api)
    : value;
const operations = OPERATIONS.map((name) => {
  const [method, path] = name.split(" ");
  const { operationId, parameters, requestBody, responses } = api.paths[path][method];
  const query = parameters.map(resolve).filter((one) => one.in === "query");
  const { properties = {}, required = [] } = requestBody?.content["application/json"].schema ?? {};
  const fields = Object.entries(properties).map(([key, { type, enum: values, nullable }]) => {
    return [key, { type: nullable ? [type, "null"] : type, ...(values && { enum: values }) }];
  });
  return {
    ...{ id: operationId, method: method.toUpperCase(), path, query: query.map((one) => one.name) },
    body: { type: "object", required, properties: Object.fromEntries(fields), additionalProperties: false },
    success: Number(Object.keys(responses).find((code) => code.startsWith("2"))),
  };
});
const source = `@octokit/openapi ${read("package.json").version}`;
writeFileSync("test/publish/github-api.json", `${JSON.stringify({ source, operations }, null, 2)}\n`);

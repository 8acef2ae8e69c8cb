import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openHelm } from "../../src/files/helm.ts";
import { makeTempDir } from "../support/repo.ts";

/** A program in place of helm that leaves a mark. */
function standIn(): { render: ReturnType<typeof openHelm>; mark: string } {
  const folder = makeTempDir();
  const [program, mark] = [join(folder, "helm"), join(folder, "MARK")];
  writeFileSync(program, `#!/bin/sh\n: > '${mark}'\n`);
  chmodSync(program, 0o755);
  return { render: openHelm(program), mark };
}

const call = (path: string, schema: string) => ({
  files: new Map([
    ["Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n"],
    [path, schema],
  ]),
  ...{ release: "a", namespace: "b", values: "{}" },
});

test.each([
  '{"$ref": "http://127.0.0.1:8080/x"}',
  '{"$ref": "file:///etc/passwd"}',
  '{"properties": {"a": {"items": [{"\\u0024ref": "../../x.json#/a"}]}}}',
  '{"$id": "http://localhost/", "$ref": "x"}',
  '{"$schema": "http://127.0.0.1:8080/meta"}',
  '{"$schema": "https://json-schema.org.example/x"}',
  '{"$dynamicRef": "http://169.254.169.254/latest"}',
  "{",
])("helm is not started for a chart whose schema is %s", (schema) => {
  for (const path of ["values.schema.json", "charts/sub/values.schema.json"]) {
    const { render, mark } = standIn();
    expect(render(call(path, schema))).toEqual({ ok: false, reason: expect.stringMatching(/leads to another|JSON/) });
    expect(existsSync(mark)).toBe(false);
  }
});

test.each([
  '{"$schema": "https://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a", "definitions": {"a": {}}}',
  '{"properties": {"ref": {"default": "http://x"}}}',
])("and is for %s", (schema) => {
  const { render, mark } = standIn();
  expect(render(call("values.schema.json", schema)).ok).toBe(true);
  expect(existsSync(mark)).toBe(true);
});

/**
 * Writes flux.tar.br from the sources of flux-operator (its Go module holds them) and a checkout of its charts:
 *
 *   npm run reference -- "$(go env GOMODCACHE)/github.com/controlplaneio-fluxcd/flux-operator@v0.58.0" ../charts
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packReference } from "./archive.ts";

const [operator = "", charts = ""] = process.argv.slice(2);
const schemas = {
  "fluxinstance.crd.yaml": join(operator, "config/crd/bases/fluxcd.controlplane.io_fluxinstances.yaml"),
  "resourceset.crd.yaml": join(operator, "config/crd/bases/fluxcd.controlplane.io_resourcesets.yaml"),
  "flux-instance.values.schema.json": join(charts, "charts/flux-instance/values.schema.json"),
  "flux-instance.values.yaml": join(charts, "charts/flux-instance/values.yaml"),
  "flux-operator.values.schema.json": join(charts, "charts/flux-operator/values.schema.json"),
  "flux-operator.values.yaml": join(charts, "charts/flux-operator/values.yaml"),
};
const absent = Object.values(schemas).find((path) => !existsSync(path));
if (absent) {
  console.error(`usage: npm run reference -- OPERATOR CHARTS, two folders; ${absent} is not there`);
  process.exit(2);
}
const staging = mkdtempSync(join(tmpdir(), "reference-"));
for (const images of ["flux", "flux-images"]) {
  cpSync(join(operator, "config/data", images), join(staging, "config/data", images), { recursive: true });
}
for (const [name, path] of Object.entries(schemas)) cpSync(path, join(staging, "schemas", name));
packReference(staging);
rmSync(staging, { recursive: true, force: true });

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { type Delivery, deliver } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";

/** A kustomize 5.5 to check the expectations of these tests against; they hold without it. */
const real = process.env.FLUXLIFT_KUSTOMIZE;

export type Files = Record<string, string>;

/** One object as YAML. */
export function yamlObject(
  apiVersion: string,
  kind: string,
  name: string,
  rest: { namespace?: string; more?: string } = {},
): string {
  const namespace = rest.namespace === undefined ? "" : `\n  namespace: ${rest.namespace}`;
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}${namespace}\n${rest.more ?? ""}`;
}

export function configMap(name: string, rest?: { namespace?: string; more?: string }): string {
  return yamlObject("v1", "ConfigMap", name, rest);
}

/** `kind/namespace/name` of everything delivered, in build order. */
export function ids(delivery: Delivery): string[] {
  if (!delivery.ok) throw new Error(`${delivery.at.file}:${delivery.at.line}: ${delivery.reason}`);
  return delivery.objects.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`);
}

/** Expects the folder `app` (or `dir`) to deliver exactly these ids, without unknowns. */
export function expectIds(files: Files, wanted: string[], dir = "app"): void {
  const delivery = deliver(memoryTree(files), dir);
  expect(ids(delivery).sort()).toEqual([...wanted].sort());
  expect(delivery.unknowns).toEqual([]);
  if (real !== undefined) expect(runReal(files, dir)?.sort()).toEqual([...wanted].sort());
}

/** Expects the folder `app` to be refused for this reason. */
export function expectRefused(files: Files, reason: RegExp | string, dir = "app"): Extract<Delivery, { ok: false }> {
  const delivery = deliver(memoryTree(files), dir);
  if (delivery.ok) throw new Error(`expected a refusal, delivered ${ids(delivery).join(" ")}`);
  expect(delivery.reason).toMatch(reason);
  if (real !== undefined) expect(runReal(files, dir)).toBeUndefined();
  return delivery;
}

/** Ids the real kustomize yields; undefined when it fails. */
function runReal(files: Files, dir: string): string[] | undefined {
  const root = mkdtempSync(join(tmpdir(), "fluxlift-kustomize-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const command = ["build", join(root, dir), "--load-restrictor", "LoadRestrictionsNone"];
    return split(execFileSync(real ?? "kustomize", command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    return undefined;
  } finally {
    rmSync(root, { recursive: true });
  }
}

function split(output: string): string[] {
  if (output.trim() === "") return [];
  return output.split(/^---\n/m).map((text) => {
    const field = (name: string) => new RegExp(`^${name}: "?([^"\\n]*)"?$`, "m").exec(text)?.[1] ?? "";
    const metadata = /^metadata:\n((?: .*\n?)*)/m.exec(text)?.[1] ?? "";
    const inner = (name: string) => new RegExp(`^  ${name}: "?([^"\\n]*)"?$`, "m").exec(metadata)?.[1] ?? "";
    return `${field("kind")}/${inner("namespace")}/${inner("name")}`;
  });
}

import { describe, expect, test } from "vitest";
import { findArtifactRoot } from "../../src/cluster/artifact-root.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { memoryTree } from "../support/memory.ts";

const SOURCE = "edge/flux/source.yaml";

function rootOf(url: string, workflows: Record<string, string>): string | undefined {
  const source = { kind: "OCIRepository", file: SOURCE, data: { spec: { url } } } as unknown as KubeObject;
  return findArtifactRoot(memoryTree({ [SOURCE]: "", ...workflows }), source, undefined)?.value;
}

const push = (address: string, path: string, env = "") =>
  `${env}jobs:\n  push:\n    steps:\n      - run: |\n          flux push artifact ${address} \\\n            --path=${path} \\\n            --source=x\n`;

describe("the folder that CI publishes", () => {
  const URL = "oci://ghcr.io/owner/edge";

  test("one push, whatever its address", () => {
    expect(rootOf(URL, { "a.yaml": push('"$REPO:$TAG"', "./edge") })).toBe("edge");
    expect(rootOf(URL, { "a.yaml": push("oci://${{ steps.tag.outputs.tag }}", "edge") })).toBe("edge");
  });

  test("several pushes, addresses written out", () => {
    const workflows = {
      "a.yaml": push(`${URL}:latest`, "./edge"),
      "b.yaml": push("oci://ghcr.io/owner/main", "./main"),
    };
    expect(rootOf(URL, workflows)).toBe("edge");
    expect(rootOf(`${URL.toUpperCase().replace("OCI", "oci")}/`, workflows)).toBe("edge");
    expect(rootOf("oci://ghcr.io/owner/other", workflows)).toBeUndefined();
  });

  test("addresses in variables of the file", () => {
    const env = (name: string) =>
      `env:\n  OCI_REPO: "oci://ghcr.io/owner/${name}/\${{ github.event.repository.name }}"\n`;
    const workflows = {
      "a.yaml": push('"$OCI_REPO:$(git rev-parse --short HEAD)"', "./edge", env("edge")),
      "b.yaml": push("${{ env.OCI_REPO }}:latest", "./main", env("main")),
      "c.yaml": push("oci://${{ steps.tag.outputs.tag }}", "./charts"),
    };
    expect(rootOf("oci://ghcr.io/owner/edge/home", workflows)).toBe("edge");
    expect(rootOf("oci://ghcr.io/owner/main/home", workflows)).toBe("main");
  });

  test("a registry with a port, a digest beside the tag", () => {
    const workflows = {
      "a.sh": push("oci://localhost:5000/edge:v1@sha256:0", "./edge"),
      "b.sh": push("oci://localhost:5000/main:v1", "./main"),
    };
    expect(rootOf("oci://localhost:5000/edge", workflows)).toBe("edge");
  });

  test("a push to the own machine, which the cluster reaches by another name", () => {
    const workflows = {
      Makefile: push("oci://localhost:5000/edge:dev", "./edge"),
      "b.yaml": push("oci://127.0.0.1:5000/main:dev", "./main"),
    };
    expect(rootOf("oci://registry.registry.svc.cluster.local:5000/edge", workflows)).toBe("edge");
    expect(rootOf("oci://localhost:5000/edge", workflows)).toBe("edge");
    const also = { ...workflows, "c.yaml": push(`${URL}:latest`, "./prod") };
    expect(rootOf(URL, also)).toBe("prod");
  });

  test("pushes that fit alike: the one of the folder the source is declared in", () => {
    const workflows = { "a.yaml": push("$REPO", "./edge"), "b.yaml": push("$REPO", "./main") };
    expect(rootOf(URL, workflows)).toBe("edge");
    expect(rootOf(URL, { "a.yaml": push("$REPO", "./one"), "b.yaml": push("$REPO", "./two") })).toBeUndefined();
  });

  test("nothing is pushed", () => {
    expect(rootOf(URL, { "a.yaml": "run: flux reconcile" })).toBeUndefined();
  });
});

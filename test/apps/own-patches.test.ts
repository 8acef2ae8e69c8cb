import { describe, expect, test } from "vitest";
import { runPhase } from "../gotk/run-phases.ts";
import { homeTree, object } from "../verify/home-tree.ts";

describe("a FluxInstance that is there already", () => {
  const COMPONENTS = "source kustomize helm notification image-reflector image-automation";
  const instance = (patch: string, more: string[] = []) => ({
    "kubernetes/flux/instance/instance.yaml": object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
      "  namespace: flux-system",
      "spec:",
      "  distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}",
      `  components: [${COMPONENTS.replace(/\S+/g, "$&-controller,")}]`,
      "  sync: {kind: GitRepository, name: cluster, url: 'https://git.example.invalid/me/home.git', ref: refs/heads/main, path: kubernetes/flux}",
      `  kustomize: {patches: [${patch}]}`,
      ...more,
    ]),
  });
  const said = (patch: string, more?: string[]) =>
    runPhase({ ...homeTree(), ...instance(patch, more) }, "install", { direct: true }).findings.filter(
      ({ rule }) => rule === "patch-breaks-build",
    );
  const body = (kind: string, apiVersion: string, name: string) =>
    `{patch: '${JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "flux-system" }, spec: {} })}'}`;

  test.each([
    ["names nothing", '{patch: \'{"spec": {"replicas": 2}}\'}', /neither JSON6902 nor a body with kind/],
    ["names what is not there", body("Deployment", "apps/v1", "nope"), /no matches for patch/],
    [
      "takes out what is not there",
      `{target: {kind: Deployment}, patch: '[{"op": "remove", "path": "/spec/nope"}]'}`,
      /nope/,
    ],
  ])("stops the plan where a patch of its own %s", (_, patch, why) => {
    const [found, ...rest] = said(patch);
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ level: "blocker", why: expect.stringMatching(why) });
    expect(found?.at).toMatchObject({ file: "kubernetes/flux/instance/instance.yaml" });
  });

  test("may patch what its own settings bring", () => {
    expect(said(body("Kustomization", "kustomize.toolkit.fluxcd.io/v1", "cluster"))).toEqual([]);
    const shard = body("Deployment", "apps/v1", "helm-controller-one");
    expect(said(shard, ["  sharding: {shards: [one]}"])).toEqual([]);
    expect(said(shard)).toHaveLength(1);
    expect(said("{patch: '${FLUX_PATCH}'}")).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import type { ControlPlane } from "../../e2e/cluster/control-plane.ts";
import { Recorder } from "../../e2e/record/recorder.ts";
import { partText } from "../../e2e/report/part.ts";
import { PARTS, SCENARIOS } from "../../e2e/scenarios/index.ts";

describe("bad luck on the live bench", () => {
  it("has every scenario in one part, under an id of its own", () => {
    const all = Object.values(PARTS).flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const { luck, direct, oci, verify } = PARTS;
    expect(SCENARIOS).toHaveLength(all.length - [luck, direct, oci, verify].flat().length);
    expect(PARTS.luck.every(({ kind }) => kind === "luck")).toBe(true);
    expect(SCENARIOS.some(({ kind }) => kind === "luck")).toBe(false);
  });

  it("names on its page what was not run, and what did not go as expected", () => {
    const [first, second] = PARTS.luck;
    const { id, kind, layout, what } = first!;
    const result = { scenario: id, kind, layout, what, generation: "new", steps: [], facts: [], failures: ["it fell"] };
    const text = partText("luck", [{ ...result, seconds: 1, fluxlift: "0.1.0", code: { commit: "abc", source: "x" } }]);
    expect(text).toContain(`| \`${id}\` | 2.9.5 | 0 | 0 | 0 | 0 s | **failed** | \`abc\` |`);
    expect(text).toContain(`Not as expected, \`${id}\` on Flux 2.9.5: it fell`);
    expect(text).toMatch(new RegExp(`Not run: .*\`${second!.id}\``));
    expect(text).not.toMatch(new RegExp(`Not run: .*\`${id}\``));
  });

  it("notes what went while the API server was away", async () => {
    const [gone, kept] = ["gone", "kept"].map((name) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: "web", uid: name, labels: {} },
    }));
    let items = [gone!, kept!];
    const ends: (() => void)[] = [];
    const resource = { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap", namespaced: true };
    const kube = {
      resources: async () => [{ ...resource, verbs: ["watch"] }],
      json: async () => ({ metadata: { resourceVersion: "1" }, items }),
      watch: async (_resource: unknown, _from: string, _seen: unknown, ended: () => void) => {
        ends.push(ended);
        return () => {};
      },
    };
    const recorder = new Recorder({ kube } as unknown as ControlPlane);
    await recorder.start();
    items = [kept!];
    for (const end of ends.splice(0)) end();
    await expect.poll(() => ends.length, { timeout: 5000 }).toBe(1);
    await recorder.stop();
    expect(recorder.observations.filter(({ change }) => change === "deleted")).toMatchObject([
      { object: "ConfigMap web/gone" },
    ]);
    expect([...recorder.live()]).toEqual(["ConfigMap web/kept"]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settle } from "../../e2e/cluster/settle.ts";
import type { Recorder } from "../../e2e/record/recorder.ts";
import type { Kube, KubeObject } from "../../e2e/world/kube.ts";

const MINUTE = 60_000;

/** Kustomizations of which one more is Ready at each of these milliseconds; nothing else ever changes. */
function slowly(limit: number, ...readyAt: number[]): Promise<{ timedOut: boolean; seconds: number }> {
  const started = Date.now();
  const objects = (): KubeObject[] =>
    readyAt.map((at, number) => ({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: `app-${number}`, namespace: "flux-system", generation: 1 },
      spec: { sourceRef: { kind: "GitRepository", name: "none" } },
      status: {
        observedGeneration: 1,
        conditions: [{ type: "Ready", status: Date.now() - started >= at ? "True" : "Unknown" }],
      },
    }));
  const kube = {
    list: async (kind: string) => (kind === "Kustomization" ? objects() : []),
    patch: async () => undefined,
  };
  const recorder = { quietFor: () => Date.now() - started };
  return settle(kube as unknown as Kube, recorder as unknown as Recorder, { commit: "abc", own: "" }, limit);
}

describe("settle", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("waits for a queue that only changes statuses", async () => {
    const settled = slowly(420, MINUTE, 2 * MINUTE, 3 * MINUTE);
    await vi.advanceTimersByTimeAsync(4 * MINUTE);
    expect(await settled).toMatchObject({ timedOut: false, notReady: [] });
  });

  it("waits out five minutes of health checks in a real tree", async () => {
    const settled = slowly(900, MINUTE, 6 * MINUTE);
    await vi.advanceTimersByTimeAsync(7 * MINUTE);
    expect(await settled).toMatchObject({ timedOut: false });
  });

  it("gives up where nothing comes to an end", async () => {
    const settled = slowly(420, MINUTE, 20 * MINUTE);
    await vi.advanceTimersByTimeAsync(4 * MINUTE);
    expect(await settled).toMatchObject({ timedOut: true });
  });
});

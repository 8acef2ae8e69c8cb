import type { Engine } from "./engine.ts";

/** Strings the model searches for; looked up together while modules load. */
const PREFETCH = [
  ...["toolkit.fluxcd.io", "fluxcd.controlplane.io", "fluxcd/flux2", "kind: Namespace", "push artifact"],
  // `flux` answers for most names that anything is renamed from, `${` for names that come out of variables.
  ...["flux-operator", "flux-instance", "FluxInstance", "flux", "${"],
];

/** Opens a folder; git lists and searches it while the modules of `loadEngine` are evaluated. */
export async function openWorkspace(dir: string) {
  const files = await import("../files/snapshot.ts");
  return files.openWorkspace(dir, { prefetch: PREFETCH });
}

/** Evaluates everything heavy: the model, the transforms, the reports. */
export async function loadEngine(): Promise<Engine> {
  const [plan, { verifyBase }, { makeTextCheck }, { writeChanges }, { commitChanges }, { findUndo }, report, list] =
    await Promise.all([
      import("../plan/plan.ts"),
      import("../plan/apply.ts"),
      import("../plan/validate-text.ts"),
      import("../files/write.ts"),
      import("../files/commit.ts"),
      import("./undo-target.ts"),
      import("../report/index.ts"),
      import("../../transforms/index.ts"),
    ]);
  return {
    transforms: list.TRANSFORMS,
    makePlan: plan.makePlan,
    recognises: plan.recognises,
    verifyBase,
    writeChanges: (workspace, changes, label) =>
      void writeChanges(workspace, changes, { label, validate: makeTextCheck(changes) }),
    commitChanges,
    findUndo,
    render: {
      text: report.renderText,
      diff: report.renderDiff,
      json: report.renderJson,
      markdown: report.renderMarkdown,
      sarif: report.renderSarif,
      preflight: report.renderPreflight,
      scan: report.renderScan,
    },
  };
}

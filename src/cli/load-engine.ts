import type { Transform } from "../../transforms/contract.ts";
import type { FileChange } from "../contract/edit.ts";
import type { Options } from "../contract/options.ts";
import type { Workspace } from "../files/snapshot.ts";

/** Gets the two halves a command needs; apart, so that git lists the tree while modules load. Tests pass their own. */
export interface EngineLoader {
  /**
   * Rejects with a RepoError when it is no folder or git refuses it.
   * @param underWay called as soon as only git is at work
   */
  openWorkspace(dir: string, underWay?: () => void): Promise<Workspace>;
  load(): Promise<Engine>;
  /** Runs a program that a person has allowed. @param url of a file */
  importFile?(url: string): Promise<object>;
}

/** The heavy part of fluxlift as the commands see it. */
export type Engine = Awaited<ReturnType<typeof loadEngine>>;

/**
 * Strings the model searches for, looked up together. Files with a longer one are found among those with a part of it: `flux`
 * answers for most API groups, charts and commands, and for most names that anything is renamed from.
 */
export const PREFETCH = ["flux", "Flux", "Namespace", "push artifact", "/spec/path", "${"];

/** What else is asked of any tree, sooner or later: in a large one each search by itself lets git read all files once more. */
export const LATER = [
  ...["kustomize.config.k8s.io/v1beta2", "kustomize.config.k8s.io/v1beta3", "services", "/server/manifests/"],
  ...["module", "/k0s/manifests", "configsync.gke.io/", "kapp", "fleet.cattle.io/", "replacements"],
  ...["open-cluster-management.io/", "kpt live", "--prune", "gitops.kluctl.io/", "config.projectsveltos.io/"],
  ...["kubernetes.crossplane.io/", "NetworkPolicy", "operators.coreos.com/", "olm.operatorframework.io/"],
  ...["BootstrapGit", "argoproj.io/", "kubernetesconfiguration.azure.com", "anywhere.eks.amazonaws.com", "eksctl.io/"],
  ...["GitRepository", "ourceRef", "source_ref", "components", "patches", "images", "replicas", "argv:", "gotk-sync"],
  ...['"$imagepolicy"', '"bootstrap",', "'bootstrap',", "}/", "app.kubernetes.io/instance", "Generator", "gotk_"],
  ...["StrictPostBuildSubstitutions=", "ResourceQuota", "LimitRange", ")/", "-k "],
];

/** Opens a folder; git lists and searches it while the modules of `loadEngine` are evaluated. */
export async function openWorkspace(dir: string, underWay?: () => void): Promise<Workspace> {
  const files = await import("../files/snapshot.ts");
  return files.openWorkspace(dir, PREFETCH, LATER, underWay);
}

/** Evaluates everything heavy: the model, the transforms, the reports. */
export async function loadEngine() {
  const [
    plan,
    survey,
    { verifyBase },
    { makeTextCheck },
    { writeChanges },
    { commitChanges },
    { findOpenWrite, findUndo },
    report,
    list,
    { withOwn },
    { MIGRATE },
  ] = await Promise.all([
    import("../plan/plan.ts"),
    import("../plan/survey.ts"),
    import("../plan/apply.ts"),
    import("../plan/validate-text.ts"),
    import("../files/write.ts"),
    import("../files/commit.ts"),
    import("../files/undo.ts"),
    import("../report/index.ts"),
    import("../../transforms/index.ts"),
    import("../plan/own-transforms.ts"),
    import("../plan/migrate-route.ts"),
  ]);
  return {
    transforms: list.TRANSFORMS,
    /** @param own transforms that a configuration brings */
    makePlan: (workspace: Workspace, options: Options, own: readonly Transform[] = []) =>
      survey.withOpenCleanup(plan.makePlan(workspace, options, withOwn(MIGRATE, own)), workspace, options),
    survey: (workspace: Workspace, options: Options) => survey.surveyClusters(workspace, options),
    recognises: survey.recognises,
    verifyBase,
    /** @param label what the write is, for undo: `migrate --phase install` */
    writeChanges: (workspace: Workspace, changes: readonly FileChange[], label: string) =>
      void writeChanges(workspace, changes, { label, validate: makeTextCheck(changes) }),
    commitChanges,
    findOpenWrite,
    findUndo,
    render: {
      text: report.renderText,
      diff: report.renderDiff,
      diffView: report.viewDiff,
      json: report.renderJson,
      markdown: report.renderMarkdown,
      sarif: report.renderSarif,
      preflight: report.renderPreflight,
      scan: report.renderScan,
      scanMarkdown: report.renderScanMarkdown,
    },
  };
}

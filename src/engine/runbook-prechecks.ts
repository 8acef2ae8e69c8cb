import { factsFor } from "./facts.ts";
import { listGuards } from "./guards.ts";
import { checkAdoption, listNotReady, resourceOf } from "./runbook-commands.ts";
import type { Landmarks, RunbookInput } from "./runbook-landmarks.ts";
import type { Phase, RunbookStep } from "./types.ts";

const MEASURE =
  "`preflight.sh`, at the end of the Markdown report, makes these checks in one go and changes nothing; with `--facts` fluxlift compares its answers with the plan.";

/** What must hold in the cluster before the phase is merged. */
export function listPreChecks(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  const common = [
    checkContext(input, marks),
    ...(factsFor(input.options.facts, input.cluster.name) ? [] : [measure(input)]),
  ];
  const health = [checkSync(marks, input.phase), checkSuspended(input)];
  if (input.phase === "install") {
    return [
      ...common,
      checkVersion(marks),
      checkStoredVersions(),
      ...health,
      checkSelectors(marks),
      checkReachable(marks),
    ];
  }
  if (input.phase === "cutover") {
    return [...common, checkInstance(marks), checkAdoption(marks), ...checkGuards(input), ...health];
  }
  return [...common, checkInstance(marks), ...checkReferences(marks), ...checkGuards(input), ...health];
}

function measure({ cluster, phase, options }: RunbookInput): RunbookStep {
  const sync = options.sync === "adopt" ? "" : ` --sync ${options.sync}`;
  return {
    title: "Measure instead of assuming",
    body: [MEASURE],
    commands: [
      `sh preflight.sh ${cluster.name} > facts.json`,
      `fluxlift plan --phase ${phase} --cluster ${cluster.name}${sync} --facts facts.json`,
    ],
    expect: "No finding whose rule begins with `facts-`.",
  };
}

function checkContext({ cluster }: RunbookInput, marks: Landmarks): RunbookStep {
  const { source, root } = marks;
  const commands = [`kubectl config current-context`];
  if (source) {
    commands.push(
      `kubectl -n ${source.namespace} get ${resourceOf(source.kind)} ${source.name} -o custom-columns='NAME:.metadata.name,URL:.spec.url,REF:.spec.ref'`,
    );
  }
  commands.push(
    `kubectl -n ${root.namespace} get ${resourceOf("Kustomization")} ${root.name} -o custom-columns='NAME:.metadata.name,PATH:.spec.path,PRUNE:.spec.prune'`,
  );
  return {
    title: `Point kubectl at the cluster ${cluster.name}`,
    body: ["Every command below runs against this one cluster."],
    commands,
    expect: `${source ? `The source reads \`${source.url}\`, ${source.ref}; the` : "The"} root reads \`${root.path}\`.`,
  };
}

function checkVersion({ namespace, version }: Landmarks): RunbookStep {
  return {
    title: "Compare the running Flux version with the plan",
    body: [
      "The first reconcile of the operator has no downgrade guard: a plan made for an older version would replace newer controllers and CRDs.",
    ],
    commands: [
      "flux version",
      `kubectl -n ${namespace} get deployments -l app.kubernetes.io/part-of=flux -o custom-columns='NAME:.metadata.name,FLUX:.metadata.labels.app\\.kubernetes\\.io/version,IMAGE:.spec.template.spec.containers[0].image'`,
    ],
    expect: version
      ? `\`${version}\`, or a patch release of the same minor. Anything else: plan again with \`--flux-version\`.`
      : "The version floats in this repository, so nothing says what runs: plan again with `--flux-version` and what you see here.",
  };
}

function checkStoredVersions(): RunbookStep {
  return {
    title: "Check that no CRD still stores an old version",
    body: ["The API server refuses a CRD that drops a version objects may still be stored in."],
    commands: [
      "kubectl get customresourcedefinitions -l app.kubernetes.io/part-of=flux -o custom-columns='CRD:.metadata.name,STORED:.status.storedVersions'",
    ],
    expect:
      "One version a row. Where there are two, run `flux migrate` (Flux CLI 2.7 or newer) before any Flux upgrade.",
  };
}

function checkSync({ source, root, sync }: Landmarks, phase: Phase): RunbookStep {
  const name = phase === "cleanup" ? (sync ?? source?.name) : source?.name;
  const names = source ? `${resourceOf(source.kind)}/${name} ` : "";
  return {
    title: "Check that the sync is healthy",
    body: ["A root that fails now would keep the FluxInstance from becoming Ready."],
    commands: [
      `kubectl -n ${root.namespace} get ${names}${resourceOf("Kustomization")}/${root.name}`,
      ...listNotReady(),
    ],
    expect: "`READY` is `True` for the first command; the other lists are empty, or hold only what you know about.",
  };
}

function checkSuspended({ cluster, options, phase }: RunbookInput): RunbookStep {
  const kinds = ["Kustomization", "HelmRelease", "GitRepository", "OCIRepository"].map(resourceOf).join(",");
  const known = listGuards(cluster, options).filter((guard) => guard.field === "suspend" && phase !== "install");
  return {
    title: "Check that nothing is suspended",
    body: ["A suspended object does not follow the change; when it is resumed later it applies and prunes at once."],
    commands: [
      `kubectl get ${kinds} -A -o jsonpath='{range .items[?(@.spec.suspend==true)]}{.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}'`,
    ],
    expect: known.length
      ? `Only ${known.map((guard) => `\`${guard.kind} ${guard.namespace}/${guard.name}\``).join(", ")}, suspended on purpose.`
      : "No output.",
  };
}

/** Bootstrap puts instance and version on the pods, the operator does not (trap 39). */
function checkSelectors({ namespace }: Landmarks): RunbookStep {
  return {
    title: "Look for what selects Flux pods by labels that go",
    body: [
      "The pods of the controllers lose the labels `app.kubernetes.io/instance` and `app.kubernetes.io/version`; `app`, `app.kubernetes.io/component` and `app.kubernetes.io/part-of` stay. A PodMonitor, NetworkPolicy or dashboard that selects by the former finds nothing afterwards.",
    ],
    commands: [`git grep -nE 'app[.]kubernetes[.]io/instance["'"'"']?: *["'"'"']?${namespace}'`],
    expect:
      "No selector of Flux pods among the lines; change one to `app.kubernetes.io/part-of: flux` before the merge.",
  };
}

function checkReachable({ source }: Landmarks): RunbookStep {
  return {
    title: "Choose a moment when Git and the registries answer",
    body: [
      `The controllers restart in this phase. source-controller loses its cache and must fetch ${source ? `\`${source.url}\`` : "the source"}, every chart and \`oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests\` again; until then nothing is applied, and nothing is pruned.`,
    ],
    commands: ["flux get sources all -A"],
    expect: "Every source is `True` and was fetched recently.",
  };
}

function checkInstance({ namespace }: Landmarks): RunbookStep {
  return {
    title: "Check that the FluxInstance is Ready",
    body: ["Never merge this phase before: without a Ready instance Flux would delete its own controllers."],
    commands: [`kubectl -n ${namespace} wait fluxinstance/flux --for=condition=Ready --timeout=1m`],
    expect: "`fluxinstance.fluxcd.controlplane.io/flux condition met`",
  };
}

function checkGuards({ cluster, options }: RunbookInput): RunbookStep[] {
  const guards = listGuards(cluster, options);
  if (guards.length === 0) return [];
  return [
    {
      title: "Check that the guards are in effect",
      body: ["Flux reads them from the live objects, so being in Git is not enough."],
      commands: guards.map(
        (guard) =>
          `kubectl -n ${guard.namespace} get ${resourceOf(guard.kind)} ${guard.name} -o jsonpath='{.spec.${guard.field}}{"\\n"}'`,
      ),
      expect: guards.map((guard) => `\`${guard.value}\` for ${guard.name}`).join(", "),
    },
  ];
}

/** Cleanup drops the old source, so nothing may read from it any more. */
function checkReferences({ oldSource, sync }: Landmarks): RunbookStep[] {
  if (!oldSource) return [];
  return [
    {
      title: `Check that nothing reads ${oldSource.kind} ${oldSource.name} any more`,
      body: ["What still reads from a source that goes away is not deleted, but it stops following Git."],
      commands: [listSourceRefs(oldSource.kind, oldSource.name)],
      expect: `No output: everything reads from ${oldSource.kind} ${sync}.`,
    },
  ];
}

/** FluxKustomizations that read from a source, one a line. */
export function listSourceRefs(kind: string, name: string): string {
  return `kubectl get ${resourceOf("Kustomization")} -A -o jsonpath='{range .items[?(@.spec.sourceRef.name=="${name}")]}{.spec.sourceRef.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}' | grep '^${kind} '`;
}

import { findTerraform } from "../flux/gotk/terraform.ts";
import { dirname, normalizePath } from "../flux/paths.ts";
import { quoteShell } from "./runbook-commands.ts";
import type { Landmarks, RunbookInput } from "./runbook-landmarks.ts";
import type { RunbookStep } from "./types.ts";

/** The blocks of Terraform that bootstrap this cluster; one whose path is an expression may mean any cluster. */
function blocksOf({ cluster, tree }: RunbookInput) {
  const root = normalizePath(String(cluster.root.data?.spec?.path ?? ""));
  return findTerraform(tree).filter(({ path }) => path === undefined || normalizePath(path) === root);
}

/** Before the old install leaves Git: as long as it is in the state, an apply writes it back (flux-semantics 4.8, trap 11). */
export function leaveTerraform(input: RunbookInput): RunbookStep[] {
  const blocks = blocksOf(input);
  if (blocks.length === 0) return [];
  const places = blocks.map(({ address, file, line }) => `\`${address}\` (${file}:${line})`);
  return [
    {
      title: "Take the install out of the Terraform state",
      body: [
        `Terraform owns this install as ${places.join(", ")}. Its next apply would write the gotk files back and bootstrap again; its destroy would delete the operator's Flux too, because it goes by a label that both carry. Never destroy it.`,
        "In a module the address is longer; the first command shows it. Delete the block from the code in the same pull request, or put a `removed` block with `lifecycle { destroy = false }` in its place. Arguments that came from variables are not in this plan: compare them with the FluxInstance.",
      ],
      commands: blocks.flatMap(({ address, file }) => {
        const terraform = `terraform -chdir=${quoteShell(dirname(file) || ".")}`;
        return [
          `${terraform} state list | grep flux_bootstrap`,
          `${terraform} state rm ${quoteShell(address)}`,
          `${terraform} plan`,
        ];
      }),
      expect:
        "Once the block is gone from the code, the plan mentions no `flux_bootstrap_git`, neither to create nor to destroy.",
    },
  ];
}

/** How Terraform starts an empty cluster from now on. */
export function rebuildWithTerraform(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  if (blocksOf(input).length === 0) return [];
  const spec = marks.instanceFile
    ? `\`file("${marks.instanceFile}")\``
    : `a FluxInstance \`flux\` whose spec is \`values.instance\` of \`${marks.instance?.file ?? "the flux-instance release"}\``;
  return [
    {
      title: "Or let Terraform start it",
      body: [
        `In place of the old block use the module \`controlplaneio-fluxcd/flux-operator-bootstrap/kubernetes\`: \`gitops_resources.instance_yaml\` takes ${spec}, \`operator_chart.values_yaml\` the values of the operator's release. It installs both once and leaves them to Flux.`,
        `The credentials of the sync are no part of it: the secret ${marks.namespace}/${input.cluster.source?.data?.spec?.secretRef?.name ?? "flux-system"} has to be there, with the keys the source reads.`,
      ],
      commands: [],
    },
  ];
}

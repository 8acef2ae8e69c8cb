import { listSome } from "../contract/list-some.ts";
import { sh } from "../contract/shell.ts";
import { LEAVE_SHARED_BLOCK } from "../findings/gotk.ts";
import type { RunbookFacts } from "./facts.ts";
import { templatesFor } from "./template.ts";

const step = templatesFor<RunbookFacts>();

/** What is done to the code: the block goes, with what Terraform would refuse to plan without it, where no other cluster has it. */
function sayCode(found: RunbookFacts["terraform"]): string {
  if (found.some(({ isShared }) => isShared)) return `In the same pull request ${LEAVE_SHARED_BLOCK}.`;
  const lines = found.flatMap(({ namedBy }) => namedBy);
  const block = lines.length > 0 ? `the block, and what names it (${listSome(lines, 5)}),` : "the block";
  return `Delete ${block} from the code in the same pull request, or put a \`removed\` block with \`lifecycle { destroy = false }\` in its place.`;
}

/** Before the old install leaves Git: while it is in the state, an apply writes it back (flux-facts 4.8, trap 11). */
export const leaveTerraform = step({
  when: ({ terraform }) => terraform.length > 0 && terraform,
  title: "Take the install out of the Terraform state",
  body: [
    (_, found) =>
      `Terraform owns this install as ${found.map(({ address, file, line }) => `\`${address}\` (${file}:${line})`).join(", ")}. Its next apply would write the gotk files back and bootstrap again; its destroy would delete the operator's Flux too, because it goes by a label that both carry. Never destroy it.`,
    (_, found) =>
      `Where a module or block is made several times, its address has an index; the first command shows it. Take out what makes this cluster, and nothing of another. ${sayCode(found)} Arguments that came from variables are not in this plan: compare them with the FluxInstance.`,
  ],
  commands: (_, found) =>
    found
      .flatMap(({ states }) => states)
      .flatMap(({ address, dir, isUnit }) => {
        if (isUnit) {
          const runs = [sh`state list | grep flux_bootstrap`, sh`state rm ${address}`, sh`plan`];
          return runs.map((run) => sh`(cd ${dir} && terragrunt ${run})`);
        }
        const terraform = sh`terraform -chdir=${dir || "."}`;
        const list = sh`${terraform} state list | grep flux_bootstrap`;
        return [list, sh`${terraform} state rm ${address}`, sh`${terraform} plan`];
      }),
  expect:
    "Once the block is gone from the code, the plan mentions no `flux_bootstrap_git`, neither to create nor to destroy.",
});

/** How Terraform starts an empty cluster from now on. */
export const rebuildWithTerraform = step({
  when: ({ terraform }) => terraform.length > 0,
  title: "Or let Terraform start it",
  body: [
    (facts) =>
      `In place of the old block use the module \`controlplaneio-fluxcd/flux-operator-bootstrap/kubernetes\`: \`gitops_resources.instance_yaml\` takes ${instanceYaml(facts)}, \`operator_chart.values_yaml\` the values of the operator's release. It installs both once and leaves them to Flux.`,
    ({ namespace, syncSecret }) =>
      `The credentials of the sync are no part of it: the secret ${namespace}/${syncSecret} has to be there, with the keys the source reads.`,
  ],
});

function instanceYaml({ instanceFile, instance }: RunbookFacts): string {
  if (instanceFile) return `\`file("${instanceFile}")\``;
  return `a FluxInstance \`flux\` whose spec is \`values.instance\` of \`${instance?.file ?? "the flux-instance release"}\``;
}

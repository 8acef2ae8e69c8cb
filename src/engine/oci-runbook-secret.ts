import type { SecretHabit } from "../flux/oci/pull-secret.ts";
import type { OciTarget } from "../flux/oci/target.ts";
import { dirname } from "../flux/paths.ts";
import type { RunbookStep } from "./types.ts";

/**
 * How the pull secret gets into the cluster, in the way the repository keeps secrets; undefined when none is needed.
 * @param byHand on an empty cluster, where what would make the secret is itself in the artifact
 */
export function pullSecretStep(target: OciTarget, habit: SecretHabit, byHand = false): RunbookStep | undefined {
  const { pullSecret, host, sync } = target;
  if (pullSecret === undefined) return undefined;
  const create = [
    `flux create secret oci ${pullSecret}`,
    `  --namespace=${sync.namespace}`,
    `  --url=${host}`,
    "  --username=flux",
    '  --password="${REGISTRY_TOKEN}"',
  ];
  const body = [
    `Take a token that may only read packages of ${host}. The secret is of type kubernetes.io/dockerconfigjson; the Git secret cannot serve.`,
  ];
  if (byHand) {
    body.push("The artifact cannot be pulled without it, and so nothing that the artifact delivers can make it.");
  } else if (habit.kind === "external") {
    return {
      title: `Add ${pullSecret} to the secret store`,
      body: [
        ...body,
        `The new ExternalSecret reads \`username\` and \`password\` of entry \`${pullSecret}\` in ${habit.store?.name}.`,
      ],
      commands: [`kubectl -n ${sync.namespace} get externalsecret,secret ${pullSecret}`],
      expect: "The ExternalSecret is Ready and the Secret exists, once prepare is merged.",
    };
  } else if (habit.kind === "sops") {
    const file = `${habit.isNeighbour ? `${dirname(habit.example ?? "")}/` : ""}${pullSecret}.sops.yaml`.replace(
      /^\//,
      "",
    );
    const place = habit.isNeighbour
      ? "list it where that one is listed"
      : `put the file where Flux decrypts and no kustomization sets another namespace than ${sync.namespace}, and list it`;
    return {
      title: `Create Secret ${pullSecret}`,
      body: [
        ...body,
        `The first command makes it in the cluster at once; the others keep it in the repository, encrypted like ${habit.example}: ${place}.`,
      ],
      commands: [
        create.join(" \\\n"),
        `${[...create, "  --export"].join(" \\\n")} > ${file}`,
        `sops --encrypt --in-place ${file}`,
      ],
      expect: `\`secret/${pullSecret}\` exists in ${sync.namespace}.`,
    };
  }
  return {
    title: `Create Secret ${pullSecret}`,
    body,
    commands: [create.join(" \\\n")],
    expect: `\`secret/${pullSecret}\` exists in ${sync.namespace}.`,
  };
}

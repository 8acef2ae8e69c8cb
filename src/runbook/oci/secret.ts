import { type Command, operand, sh } from "../../contract/shell.ts";
import { dirname } from "../../delivery/paths.ts";
import { templatesFor } from "../template.ts";
import type { OciFacts } from "./facts.ts";

const step = templatesFor<OciFacts>();

const token = ({ host }: OciFacts) =>
  `Take a token that may only read packages of ${host}. The secret is of type kubernetes.io/dockerconfigjson; the Git secret cannot serve.`;
const exists = ({ namespace }: OciFacts, secret: string) => `\`secret/${secret}\` exists in ${namespace}.`;
const create = ({ namespace, host }: OciFacts, secret: string, more: Command[] = []): Command =>
  [
    sh`  --namespace=${namespace}`,
    sh`  --url=${host}`,
    sh`  --username=flux`,
    sh`  --password="\${REGISTRY_TOKEN}"`,
    ...more,
  ].reduce((command, line) => sh`${command} \\\n${line}`, sh`flux create secret oci ${secret}`);

const external = step({
  when: ({ pullSecret, secrets }) => secrets.kind === "external" && pullSecret,
  title: (_, secret) => `Add ${secret} to the secret store`,
  body: [
    token,
    ({ secrets }, secret) =>
      `The new ExternalSecret reads \`username\` and \`password\` of entry \`${secret}\` in ${secrets.store?.name}.`,
  ],
  commands: ({ namespace }, secret) => sh`kubectl -n ${namespace} get externalsecret,secret ${secret}`,
  expect: "The ExternalSecret is Ready and the Secret exists, once prepare is merged.",
});

const encrypted = step({
  when: ({ pullSecret, secrets }) => secrets.kind === "sops" && pullSecret,
  title: (_, secret) => `Create Secret ${secret}`,
  body: [
    token,
    ({ secrets: { example, isNeighbour }, namespace }) => {
      const place = isNeighbour
        ? "list it where that one is listed"
        : `put the file where Flux decrypts and no kustomization sets another namespace than ${namespace}, and list it`;
      return `The first command makes it in the cluster at once; the others keep it in the repository, encrypted like ${example}: ${place}.`;
    },
  ],
  commands: (facts, secret) => {
    const folder = facts.secrets.isNeighbour ? dirname(facts.secrets.example ?? "") : "";
    const file = `${folder && `${folder}/`}${secret}.sops.yaml`;
    const exported = create(facts, secret, [sh`  --export`]);
    return [create(facts, secret), sh`${exported} > ${file}`, sh`sops --encrypt --in-place ${operand(file)}`];
  },
  expect: exists,
});

const createPlain = (when: (facts: OciFacts) => string | false | undefined, why: string[]) =>
  step({
    when,
    title: (_, secret) => `Create Secret ${secret}`,
    body: [token, ...why],
    commands: (facts, secret) => create(facts, secret),
    expect: exists,
  });
const plain = createPlain(({ pullSecret, secrets }) => secrets.kind === "none" && pullSecret, []);

/** On an empty cluster, where what would make the secret is itself in the artifact. */
export const secretByHand = createPlain(
  ({ pullSecret }) => pullSecret,
  ["The artifact cannot be pulled without it, and so nothing that the artifact delivers can make it."],
);

/** How the pull secret gets into the cluster, in the way the repository keeps secrets; one of them applies. */
export const PULL_SECRET = [external, encrypted, plain];

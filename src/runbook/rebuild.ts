import { type Command, operand, sh } from "../contract/shell.ts";
import * as run from "./commands.ts";
import type { ProvidedNeed, RunbookFacts, SecretKeys } from "./facts.ts";
import { waitForFlux } from "./health.ts";
import { templatesFor } from "./template.ts";
import { rebuildWithTerraform } from "./terraform.ts";

const step = templatesFor<RunbookFacts>();

const createNamespace = step({
  title: "Create the namespace",
  body: "Start with a cluster that has its network running and nothing of Flux.",
  commands: (facts) => listOwnNamespaces(facts).map((one) => sh`kubectl create namespace ${one}`),
});

/** Of Flux, then of source and root where they are elsewhere. */
function listOwnNamespaces({ namespace, source, root }: RunbookFacts): string[] {
  return [...new Set([namespace, source?.namespace, root.namespace].flatMap((one) => one ?? []))];
}

type Purpose = ProvidedNeed["purpose"];

const needsFor =
  (...purposes: Purpose[]) =>
  ({ needs }: RunbookFacts) => {
    const wanted = needs.filter(({ purpose }) => purposes.includes(purpose));
    return wanted.length > 0 && wanted;
  };

const providePull = step({
  when: needsFor("pull"),
  title: "Provide what the images of Flux are pulled with",
  body: "The FluxInstance names this, and no controller starts without it.",
  commands: (_, needs) => needs.map(provide),
});

const provideMounts = step({
  when: needsFor("start"),
  title: "Provide what the controllers are started with",
  body: (_, needs) => {
    const claims = needs.filter(({ kind, file }) => kind === "PersistentVolumeClaim" && !file);
    const open =
      claims.length > 0
        ? ` No file here declares ${claims.map(({ name }) => `claim \`${name}\``).join(" and ")}: make it too.`
        : "";
    return `Patches of the FluxInstance have controllers mount or read these, and no such controller starts without. What Flux would deliver by itself does not come before it runs.${open}`;
  },
  commands: (_, needs) => needs.map(provide),
});

const provideAccount = step({
  when: needsFor("apply"),
  title: "Provide the account that the root acts as",
  body: ({ sync, root }) =>
    `The root ${sync ?? root.name} applies nothing without this account and its rights, even where its own path delivers them. Where the rights stand in another file, apply that one as well.`,
  commands: (_, needs) => needs.map(provide),
});

const provideNeeds = step({
  when: needsFor("fetch", "trust", "proxy", "verify", "decrypt", "substitute"),
  title: "Provide what the root needs before it can be built",
  body: ({ sync, root, source }, needs) =>
    `The root ${sync ?? root.name} ${whatFails(needs)} Keys come from where you keep them; they are not in this repository.${sayAuthority(source?.url, needs)}`,
  commands: (_, needs) => needs.map(provide),
  expect: (_, needs) =>
    `\`${sh`kubectl -n ${needs[0]!.namespace} get secrets,configmaps`.line}\` lists ${needs.map(({ name }) => `\`${name}\``).join(", ")}.`,
});

/** Hosts whose certificates every image trusts. */
const PUBLIC =
  /(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|azure\.com|visualstudio\.com|amazonaws\.com)$/;

function sayAuthority(url: string | undefined, needs: readonly ProvidedNeed[]): string {
  const login = needs.find(({ purpose, keys }) => purpose === "fetch" && keys.includes("login"));
  const [, host] = /^https:\/\/(?:[^/@]*@)?([^/:]+)/.exec(url ?? "") ?? [];
  if (!login || host === undefined || PUBLIC.test(host)) return "";
  return ` Where ${host} has a certificate of your own authority, \`${login.name}\` holds that one as \`ca.crt\` too.`;
}

/** They fail without it, and try again only at their interval. */
const provideKeys = step({
  when: ({ keys }) => keys.length > 0 && keys,
  title: "Provide the keys that others decrypt with",
  body: "FluxKustomizations below the root name these, and nothing that Flux applies makes them. The keys come from where you keep them; they are not in this repository.",
  commands: (facts, keys) => {
    const own = listOwnNamespaces(facts);
    const others = new Set(keys.map((key) => key.namespace).filter((one) => !own.includes(one)));
    return [...[...others].map((one) => sh`kubectl create namespace ${one}`), ...keys.map(provide)];
  },
});

function whatFails(needs: readonly ProvidedNeed[]): string {
  const values = needs.filter(({ purpose, optional }) => purpose === "substitute" && !optional);
  if (values.length === 0) return "cannot fetch or decrypt anything without these.";
  const [are, them] = values.length > 1 ? ["are", "them"] : ["is", "it"];
  const names = values.map(({ kind, name }) => `${kind} \`${name}\``).join(" and ");
  return `fails as long as ${names} ${are} missing, even where its own path delivers ${them}.`;
}

const MADE_FROM: Record<Exclude<Purpose, "pull" | "apply">, Command> = {
  start: sh`--from-file=<what the controllers mount or read>`,
  decrypt: sh`--from-file=age.agekey=<your age key file>`,
  fetch: sh`--from-file=<a folder with your credentials for the source>`,
  proxy: sh`--from-literal=address=<the address of the proxy>`,
  substitute: sh`--from-env-file=<the values to substitute>`,
  trust: sh`--from-file=ca.crt=<the certificate of the authority>`,
  verify: sh`--from-file=<the public keys of those who sign>`,
};

/** As Flux reads them (flux-facts 4.5): a Secret with other keys fails the source, or decrypts nothing. */
const HOLDING: Record<Exclude<SecretKeys, "registry">, Command> = {
  ssh: sh`--from-file=identity=<your private key> --from-file=known_hosts=<the host keys of your Git server>`,
  login: sh`--from-literal=username=<user> --from-literal=password=<token>`,
  "github-app": sh`--from-literal=githubAppID=<ID of the app> --from-literal=githubAppInstallationID=<ID of its installation> --from-file=githubAppPrivateKey=<its private key>`,
  bucket: sh`--from-literal=accesskey=<access key> --from-literal=secretkey=<secret key>`,
  age: sh`--from-file=age.agekey=<your age key file>`,
  pgp: sh`--from-file=sops.asc=<your private PGP key>`,
  vault: sh`--from-file=sops.vault-token=<your Vault token>`,
  aws: sh`--from-file=sops.aws-kms=<your AWS credentials>`,
  gcp: sh`--from-file=sops.gcp-kms=<your Google credentials>`,
  azure: sh`--from-file=sops.azure-kv=<your Azure credentials>`,
};

function provide({ kind, name, namespace, purpose, file, encrypted, keys }: ProvidedNeed): Command {
  if (file && encrypted) return sh`sops --decrypt ${operand(file)} | kubectl -n ${namespace} apply --server-side -f -`;
  if (file) return run.applyFile(namespace, file);
  if (purpose === "pull" || keys.includes("registry"))
    return sh`kubectl -n ${namespace} create secret docker-registry ${name} --docker-server=<registry> --docker-username=<user> --docker-password=<password>`;
  if (kind === "PersistentVolumeClaim") return sh`kubectl -n ${namespace} get persistentvolumeclaims ${name}`;
  if (purpose === "apply") return sh`kubectl -n ${namespace} create serviceaccount ${name}`;
  const what = kind === "Secret" ? ["secret", "generic"] : ["configmap"];
  const holding = keys.flatMap((one) => (one === "registry" ? [] : HOLDING[one]));
  return sh`kubectl -n ${namespace} create ${[...what, name]} ${holding.length > 0 ? holding : MADE_FROM[purpose]}`;
}

const runHelmfile = step({
  when: ({ helmfile }) => helmfile,
  title: "Install operator and instance",
  body: (_, { file }) => `\`${file}\` installs both with the values of the generated files.`,
  commands: [
    (_, { crds }) =>
      crds &&
      sh`helmfile --file ${crds} template --include-crds | yq eval-all 'select(.kind == "CustomResourceDefinition")' | kubectl apply --server-side -f -`,
    (_, { file }) => sh`helmfile --file ${file} apply`,
  ],
  expect: ({ operator, instance }) =>
    `Releases \`${operator?.release ?? "flux-operator"}\` and \`${instance?.release ?? "flux-instance"}\` are deployed.`,
});

const installApps = step({
  when: ({ helmfile, operator, instance, instanceFile }) => !helmfile && (operator ?? instance ?? instanceFile),
  title: "Install operator and instance",
  body: ({ instanceFile, isInstanceFilled }) =>
    `The values are read from the files Flux reads later, so Flux takes the releases over as they are.${isInstanceFilled ? ` The variables in ${instanceFile} are text until the root has applied it once, with what its postBuild says there.` : ""}`,
  commands: [
    ({ operator }) => operator && run.helmInstall(operator, "operator", true),
    ({ instance }) => instance && run.helmInstall(instance, "instance"),
    ({ instance, instanceFile, namespace }) => !instance && instanceFile && run.applyFile(namespace, instanceFile),
  ],
});

/** FluxKustomizations, once the API server knows them. */
const applyFiles = {
  commands: ({ namespace }: RunbookFacts, all: readonly { name: string; file: string }[]) => [
    run.until(sh`kubectl get ${["crd", run.resourceOf("Kustomization")]}`),
    ...[...new Set(all.map(({ file }) => file))].map((file) => run.applyFile(namespace, file)),
  ],
  expect: (_: RunbookFacts, all: readonly { name: string }[]) =>
    all.map(({ name }) => `\`${name} serverside-applied\``).join(", "),
};

const applyCompanions = step({
  when: ({ companions }) => companions.length > 0 && companions,
  title: "Apply what runs beside the root",
  body: (_, companions) =>
    `${companions.map(({ name }) => `\`${name}\``).join(", ")} ${companions.length > 1 ? "deliver themselves" : "delivers itself"}, and nothing else does: on an empty cluster somebody has to begin.`,
  ...applyFiles,
});

/** The root is built once its dependency is Ready, and the root alone would apply that: somebody has to begin. */
const applyRootWaits = step({
  when: ({ sync, rootWaits }) => sync && rootWaits.length > 0 && rootWaits,
  title: "Apply what the root waits for",
  body: (_, waits) =>
    `The root delivers ${waits.map(({ name }) => `\`${name}\``).join(", ")} and waits for ${waits.length > 1 ? "them" : "it"}, so on an empty cluster it never begins by itself. The FluxInstance becomes Ready after this.`,
  ...applyFiles,
});

const watchRoot = step({
  when: ({ sync }) => sync,
  title: "Watch the root come up",
  body: "The FluxInstance created the source and the root; everything else follows from Git.",
  commands: ({ namespace }, name) => [
    run.waitFor({ kind: "Kustomization", name, namespace }, "15m"),
    sh`flux get kustomizations -A`,
  ],
  expect: (_, name) => `\`${name}\` is Ready, the others become Ready one after the other.`,
});

const applySync = step({
  when: ({ sync }) => sync === undefined,
  title: "Apply source and root",
  body: "Under `--sync keep` the FluxInstance installs the controllers only; the sync is yours.",
  commands: ({ syncFiles, root }) => [
    ...syncFiles.map((file) => sh`kubectl apply --server-side -f ${file}`),
    run.reconcile(root.namespace, root.name),
  ],
  expect: ({ root }) => `\`${root.name}\` is Ready.`,
});

/** How an empty cluster comes up from this repository after the migration, in order. */
export const REBUILD = [
  ...[createNamespace, providePull, provideMounts, provideAccount, provideNeeds, provideKeys, runHelmfile, installApps],
  ...[rebuildWithTerraform, applyCompanions, applyRootWaits, waitForFlux, watchRoot, applySync],
];

import { readable } from "../../src/contract/answer.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { type DeliveredFluxObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { pointAt } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import { combine, defineTransform, type Outcome, type TransformContext, withTarget } from "../contract.ts";
import { editUnshared, type FileUses, findUses, moveOf } from "../shared/oci/find-uses.ts";
import type { OciTarget } from "../shared/oci/types.ts";
import { operationsOf } from "../shared/oci/uses.ts";

/** Lets Receivers and Alerts name the OCIRepository, and says where that changes what they do. */
export default defineTransform({
  id: "notifications-to-oci",
  title: "Let Receivers and Alerts name the artifact",
  phases: ["switch"],
  run: withTarget((context, target) => {
    const { sync } = target;
    const found = findUses(context, moveOf(context, sync), ["notifies"]);
    const parts: Outcome[] = [];
    for (const { file, uses } of found) {
      const why = `Name OCIRepository ${sync.name}, which takes the place of the GitRepository.`;
      parts.push(editUnshared(context, target, file, operationsOf(uses), why, uses[0]));
    }
    if (sync.kind === "GitRepository") parts.push({ findings: reportNotifications(context, found, target) });
    return combine(...parts);
  }),
});

/** Providers that report on a commit, and so need the commit in the artifact's metadata (flux-facts 6.2). */
const COMMIT_STATUS = new Set(["github", "gitlab", "gitea", "bitbucket", "bitbucketserver", "azuredevops"]);
/** Webhooks that a Git host sends on a push, before CI has published anything. */
const GIT_HOSTS = new Set(["github", "gitlab", "bitbucket"]);

/** What Receivers and Alerts do differently once they name the artifact. */
function reportNotifications(
  { tree, cluster }: TransformContext,
  found: readonly FileUses[],
  target: OciTarget,
): DraftFinding[] {
  const receivers = cluster.objects.filter(
    ({ object }) => object.kind === "Receiver" && found.some(({ file }) => file === object.file),
  );
  const early = receivers.flatMap((item): DraftFinding[] => {
    const type = String(readableSpec(item)?.type ?? "");
    const facts = { type, interval: target.sync.interval };
    if (!GIT_HOSTS.has(type)) return [];
    const place = pointAt(tree, item.object, ["spec", "type"]);
    return [{ rule: "receiver-too-early", level: "caution", ...place, facts }];
  });
  return [
    ...early,
    ...reportWildcards(tree, cluster.objects, target),
    ...reportCommitStatus(tree, cluster.objects, target),
  ];
}

/** `kind: GitRepository, name: "*"` meant the synced source too, and does not mean the artifact. */
function reportWildcards(tree: Tree, objects: readonly DeliveredFluxObject[], { sync }: OciTarget): DraftFinding[] {
  return objects.flatMap((item): DraftFinding[] => {
    const field = { Receiver: "resources", Alert: "eventSources" }[item.object.kind];
    const spec: YamlData = readableSpec(item);
    const list = field && spec?.[field];
    if (!field || !Array.isArray(list)) return [];
    const has = (kind: string, ...names: string[]) =>
      list.some((entry) => entry?.kind === kind && names.includes(entry.name));
    const index = list.findIndex((entry) => entry?.kind === "GitRepository" && entry.name === "*");
    if (index < 0 || has("OCIRepository", "*", sync.name) || has("GitRepository", sync.name)) return [];
    const place = pointAt(tree, item.object, ["spec", field, index]);
    const facts = { resource: place.resource, source: sync.name, field };
    return [{ rule: "notification-misses-artifact", level: "info", ...place, facts }];
  });
}

function reportCommitStatus(
  tree: Tree,
  objects: readonly DeliveredFluxObject[],
  { publisher }: OciTarget,
): DraftFinding[] {
  const ofKind = (kind: string) => objects.filter(({ object }) => object.kind === kind);
  const providers = ofKind("Provider").filter((item) => COMMIT_STATUS.has(String(readableSpec(item)?.type)));
  const names = new Set(providers.map(({ object }) => object.name));
  const providerOf = ({ effective }: DeliveredFluxObject): string => {
    const spec: YamlData = readable(effective).spec;
    return String(spec?.providerRef?.name);
  };
  const alerts = ofKind("Alert").filter((item) => names.has(providerOf(item)));
  const isWithout = publisher?.hasRevision === false;
  const level = isWithout ? "caution" : "info";
  const facts = { without: isWithout ? publisher.file : undefined };
  return alerts.map(({ object }) => ({ rule: "commit-status-needs-revision", level, ...pointAt(tree, object), facts }));
}

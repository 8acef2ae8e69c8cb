import { readable } from "../../src/contract/answer.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { type DeliveredFluxObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { TransformContext } from "../contract.ts";
import type { FileUses } from "../shared/oci/find-uses.ts";
import type { OciTarget } from "../shared/oci/types.ts";

/** Providers that report on a commit, and so need the commit in the artifact's metadata (flux-facts 6.2). */
const COMMIT_STATUS = new Set(["github", "gitlab", "gitea", "bitbucket", "bitbucketserver", "azuredevops"]);
/** Webhooks that a Git host sends on a push, before CI has published anything. */
const GIT_HOSTS = new Set(["github", "gitlab", "bitbucket"]);

/** What Receivers and Alerts do differently once they name the artifact. */
export function reportNotifications(
  { tree, cluster }: TransformContext,
  found: readonly FileUses[],
  target: OciTarget,
): DraftFinding[] {
  const touched = (item: DeliveredFluxObject) => found.some(({ file }) => file === item.object.file);
  const receivers = cluster.objects.filter((item) => item.object.kind === "Receiver" && touched(item));
  const findings = receivers.flatMap((item): DraftFinding[] => {
    const type = String(readableSpec(item)?.type ?? "");
    if (!GIT_HOSTS.has(type)) return [];
    return [
      {
        rule: "receiver-too-early",
        level: "caution",
        resource: describe(item.object),
        at: locateField(tree, item.object, ["spec", "type"]),
        facts: { type, interval: target.sync.interval },
      },
    ];
  });
  return [
    ...findings,
    ...reportWildcards(tree, cluster.objects, target),
    ...reportCommitStatus(tree, cluster.objects, target),
  ];
}

/** `kind: GitRepository, name: "*"` meant the synced source too, and does not mean the artifact. */
function reportWildcards(
  tree: TransformContext["tree"],
  objects: readonly DeliveredFluxObject[],
  { sync }: OciTarget,
): DraftFinding[] {
  return objects.flatMap(({ object, effective }): DraftFinding[] => {
    const field = { Receiver: "resources", Alert: "eventSources" }[object.kind];
    const spec: YamlData = readable(effective)?.spec;
    const list = field === undefined ? undefined : spec?.[field];
    if (!field || !Array.isArray(list)) return [];
    const index = list.findIndex((item) => item?.kind === "GitRepository" && item?.name === "*");
    const covers = list.some(
      (item) => item?.kind === "OCIRepository" && (item.name === "*" || item.name === sync.name),
    );
    const names = list.some((item) => item?.kind === "GitRepository" && item?.name === sync.name);
    if (index < 0 || covers || names) return [];
    return [
      {
        rule: "notification-misses-artifact",
        level: "info",
        resource: describe(object),
        at: locateField(tree, object, ["spec", field, index]),
        facts: { resource: describe(object), source: sync.name, field },
      },
    ];
  });
}

function reportCommitStatus(
  tree: TransformContext["tree"],
  objects: readonly DeliveredFluxObject[],
  { publisher }: OciTarget,
): DraftFinding[] {
  const providers = objects.filter(
    ({ object, effective }) => object.kind === "Provider" && COMMIT_STATUS.has(String(readable(effective)?.spec?.type)),
  );
  const names = new Set(providers.map(({ object }) => object.name));
  const alerts = objects.filter(({ object, effective }) => {
    const spec: YamlData = readable(effective)?.spec;
    return object.kind === "Alert" && names.has(String(spec?.providerRef?.name));
  });
  const isWithout = publisher?.hasRevision === false;
  return alerts.map(({ object }) => ({
    rule: "commit-status-needs-revision",
    level: isWithout ? "caution" : "info",
    resource: describe(object),
    at: locateField(tree, object),
    facts: { without: isWithout ? publisher.file : undefined },
  }));
}

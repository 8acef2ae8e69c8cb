import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import { describe } from "../kinds.ts";
import { locateField } from "../locations.ts";
import type { DeliveredFluxObject } from "../types.ts";
import type { FileUses } from "./find-uses.ts";
import type { OciTarget } from "./target.ts";

/** Providers that report on a commit, and so need the commit in the artifact's metadata (flux-semantics 6.2). */
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
    const type = String(item.effective?.spec?.type ?? "");
    if (!GIT_HOSTS.has(type)) return [];
    return [
      {
        rule: "receiver-too-early",
        level: "caution",
        resource: describe(item.object),
        at: locateField(tree, item.object, ["spec", "type"]),
        what: `The ${type} webhook of this Receiver fires on the push, before CI has published the artifact, so Flux finds nothing new and waits for its interval (${target.sync.interval}).`,
        why: "Flux follows the registry now; a push to Git is only the beginning of a publication.",
        next: `${WEBHOOK[type] ?? "Let the publish job call the Receiver's URL as its last step, with type: generic-hmac."} A shorter sync.interval does as well.`,
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
    const list = field === undefined ? undefined : effective?.spec?.[field];
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
        what: `${describe(object)} names every GitRepository, which no longer includes the source of the sync.`,
        why: `The sync reads OCIRepository ${sync.name} after the switch.`,
        next: `Add kind: OCIRepository, name: ${sync.name} to ${field}, if the sync matters here.`,
      },
    ];
  });
}

const WEBHOOK: Record<string, string> = {
  github:
    "Let the webhook send `Packages` or `Workflow runs` events instead of `Pushes`, and list them in spec.events (registry_package, workflow_run).",
};

function reportCommitStatus(
  tree: TransformContext["tree"],
  objects: readonly DeliveredFluxObject[],
  { publisher }: OciTarget,
): DraftFinding[] {
  const providers = objects.filter(
    ({ object, effective }) => object.kind === "Provider" && COMMIT_STATUS.has(String(effective?.spec?.type)),
  );
  const names = new Set(providers.map(({ object }) => object.name));
  const alerts = objects.filter(
    ({ object, effective }) => object.kind === "Alert" && names.has(String(effective?.spec?.providerRef?.name)),
  );
  return alerts.map(({ object }) => ({
    rule: "commit-status-needs-revision",
    level: publisher?.hasRevision === false ? ("caution" as const) : ("info" as const),
    resource: describe(object),
    at: locateField(tree, object),
    what:
      publisher?.hasRevision === false
        ? `This Alert goes on setting commit statuses only if ${publisher.file} passes --revision BRANCH@sha1:COMMIT to flux push artifact.`
        : "This Alert goes on setting commit statuses: the publish job writes branch and commit into the artifact.",
    why: "Without --revision the only revision of an artifact is a digest, and the provider fails with `failed to extract commit hash`.",
    next:
      publisher?.hasRevision === false ? "Add it to the command in that file." : "Keep --revision in the publish job.",
  }));
}

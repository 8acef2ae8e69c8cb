import type { Refusal } from "../../admission/refusal.ts";
import { isNeverApplied } from "../../change/exclusions.ts";
import type { Build, FluxSpec, OwnedObject, Snapshot } from "../../change/types.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { isNamespacedBuiltin } from "../../delivery/kustomize/index.ts";

/**
 * What Kubernetes keeps in namespaces and that has none: no path of the API server fits it, and kustomize-controller, which tries
 * all objects of a build first, stops with "namespace not specified" (github.com/fluxcd/flux2/issues/4301).
 * @param old as another FluxKustomization has it today, which stops that one
 * @param before specs of its FluxKustomization today: beside others without a namespace nothing is known to be applied
 */
export function findBare(
  object: OwnedObject,
  old: OwnedObject | undefined,
  spec: FluxSpec,
  before: readonly FluxSpec[],
  tree: Pick<Snapshot, "build">,
): Refusal[] {
  if (!isBare(object) || (old && isBare(old)) || !spec.data.isLocal || spec.own) return [];
  const wasBare = before.some((old) => hasBare(tree.build(old)));
  return wasBare ? [] : [{ path: ["metadata", "namespace"], what: "is missing" }];
}

function isBare({ namespace, body, isPart, open }: OwnedObject): boolean {
  if (namespace !== "" || !body || isPart || open !== undefined) return false;
  return (
    isNamespacedBuiltin({ apiVersion: body.apiVersion, kind: body.kind }) && !isNeverApplied(body.metadata, undefined)
  );
}

const answers = new WeakMap<Build, boolean>();

const hasBare = (build: Build): boolean =>
  getOrMake(answers, build, () => build.ok && [...build.objects.values()].some(isBare));

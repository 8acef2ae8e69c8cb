import type { ClusterChange } from "../../change/change.ts";
import { mergeValues } from "../../cluster/helm-values.ts";
import { findInstances, isFilledAs } from "../../cluster/instances.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { bodyOf } from "../../contract/objects.ts";
import { remember } from "../../files/remember.ts";
import type { FluxVersion } from "../../release/releases.ts";
import { type AppliedInstances, findPreparedInstance, findSuccessor } from "./delivered-instance.ts";
import { findRefusal, type InstanceRefusal } from "./instance-refusal.ts";
import { versionOf } from "./operator-set.ts";

/** The FluxInstance of one cluster on both sides of a change. */
export interface InstanceSides {
  /** All that the tree after the change has for this cluster. */
  instances: InstanceDescription[];
  /** The one that is delivered today. */
  old?: InstanceDescription | undefined;
  /** One of the tree after the change that somebody may have installed by hand. */
  prepared?: InstanceDescription | undefined;
  /** What `old` becomes; `prepared` where nothing is delivered today. */
  successor?: InstanceDescription | undefined;
  /** Set when the API server, or the operator, does not take the successor. */
  refused?: InstanceRefusal | undefined;
  /** The Flux that runs today. */
  version?: FluxVersion | undefined;
}

interface Known {
  adopted: boolean;
  /** The FluxInstance on both sides, where its file does not say it all. */
  applied?: AppliedInstances | undefined;
  /** The Flux that was measured to run. */
  version?: FluxVersion | undefined;
}

export function readInstanceSides({ after, objects, cluster }: ClusterChange, known: Known): InstanceSides {
  const { adopted, applied } = known;
  const isApplied = ({ object }: InstanceDescription) =>
    applied?.now?.object.file === object.file && applied.now.object.doc === object.doc;
  const all = remember(after, "instances after a change", objects.after, () => findInstances(after, objects.after));
  const old = applied?.old ?? cluster.instances.find(({ delivered }) => delivered);
  const found = all
    .filter((instance) => isFilledAs(instance, cluster))
    .map((instance) => (isApplied(instance) ? applied!.now! : instance));
  const next = old && findSuccessor(old, found);
  const now = next && keepHidden(old, next);
  const instances = found.map((one) => (now && one === next ? now : one));
  const prepared = findPreparedInstance(instances, cluster);
  const successor = old ? now : prepared;
  const refused = adopted && old && successor ? findRefusal(old, successor) : undefined;
  const version = known.version ?? versionOf(cluster, old ?? instances[0]);
  return { instances, old, prepared, successor, refused, version };
}

/** Values that come from where nobody can see them may say what is said today, and no longer where it can be read. */
function keepHidden(old: InstanceDescription, now: InstanceDescription): InstanceDescription {
  const [was, is] = [old, now].map(({ object }) => JSON.stringify(bodyOf(object).spec?.valuesFrom));
  return now.unread === undefined || was === is ? now : { ...now, spec: mergeValues(old.spec, now.spec) };
}

import { syncNameOf } from "../../src/cluster/instances.ts";
import type { TransformContext } from "../contract.ts";

/** What the lines behind the command of the instance cannot do without, which the operator makes in its own time. */
export interface Awaited {
  /** The kinds of source and root. */
  crds: boolean;
  /** The root, which comes after the controllers; its name and namespace. */
  root?: { name: string; namespace: string } | undefined;
}

/** The root that the FluxInstance makes, where it is the same in every cluster: a line may start any of them. */
export function madeRootOf({ model, cluster }: TransformContext): Awaited["root"] {
  const roots = [cluster, ...model.clusters].map(({ instances: [instance], namespace }) => {
    const name = instance && syncNameOf(instance, namespace);
    return name === undefined ? undefined : { name, namespace };
  });
  const [own] = roots;
  return roots.every((root) => root?.name === own?.name && root?.namespace === own?.namespace) ? own : undefined;
}

/** Succeeds once the operator has made the root, and with it all that Flux is. */
export const getRoot = ({ name, namespace }: NonNullable<Awaited["root"]>, kubectl: string) =>
  `${kubectl} -n ${namespace} get kustomization/${name}`;

/** Waits for that in a shell. */
export function untilRoot(context: TransformContext, flags: readonly string[]): string[] {
  const root = madeRootOf(context);
  return root ? [until(getRoot(root, kubectlWith(sayFlags(flags))))] : [];
}

/** Runs a command in a shell until it succeeds. */
export const until = (command: string) => `until ${command}; do sleep 5; done`;

/** With the flags that choose a cluster, which helm calls otherwise. */
export const kubectlWith = (flags: string) => `kubectl${flags.replace("--kube-context", "--context")}`;

/** Flags as they follow a command. */
export const sayFlags = (flags: readonly string[]): string => flags.map((flag) => ` ${flag}`).join("");

/** Whether what goes at cutover brought the kinds of Flux: what an artifact or a release brings is applied where they stand. */
export function bringsCrds({ cluster: { install } }: TransformContext): boolean {
  return install?.style === "gotk" || (install?.style === "remote-install" && install.dir !== undefined);
}

import type { KubeObject } from "../world/kube.ts";

/** How the container of a pod is started as a process. */
export interface PodCommand {
  args: string[];
  env: Record<string, string>;
}

/**
 * Arguments and variables of the one container of a pod, paths below its mounts being paths below folders of this machine.
 * @param folders by the name of a volume, absolute
 * @throws Error where a variable comes from something that is not known here
 */
export function commandOf(pod: KubeObject, folders: ReadonlyMap<string, string>): PodCommand {
  const [container] = pod.spec.containers;
  const mounts = container.volumeMounts.map(({ mountPath, name }: { mountPath: string; name: string }) => {
    const folder = folders.get(name);
    if (folder === undefined) throw new Error(`the volume ${name} is not there`);
    return [mountPath, folder] as const;
  });
  const local = (text: string): string => {
    for (const [path, folder] of mounts) {
      const found = new RegExp(`(^|=)${path}(?=/|$)`).exec(text);
      if (found) return text.replace(found[0], `${found[1]}${folder}`);
    }
    return text;
  };
  const env: Record<string, string> = { TMPDIR: local("/tmp") };
  for (const { name, value, valueFrom } of container.env) {
    const [, key] = /^metadata\.annotations\['(.+)'\]$/.exec(valueFrom?.fieldRef?.fieldPath ?? "") ?? [];
    const text = key === undefined ? value : pod.metadata.annotations?.[key];
    if (typeof text !== "string") throw new Error(`${name} of the pod cannot be known`);
    env[name] = local(text);
  }
  const filled = (arg: string) => arg.replace(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole);
  return { args: container.args.map((arg: string) => filled(local(arg))), env };
}

import { operand, sh } from "../contract/shell.ts";

interface Place {
  name: string;
  namespace: string;
  /** As keys say it. */
  remote: string;
}

/** How to see whether an object is there, in the cluster that it is of; what has no namespace is asked for without one. */
export function sayLook(resource: string, { name, namespace, remote }: Place): string {
  const place = namespace === "" ? [] : ["-n", namespace];
  return `look ${remote === "" ? "" : "in that cluster "}with ${sh`kubectl get ${[resource, operand(name), ...place]}`.line} whether it is there`;
}

import { operand, sh } from "../contract/shell.ts";

/** How to see whether an object is there; what has no namespace is asked for without one. */
export function sayLook(resource: string, name: string, namespace: string): string {
  const place = namespace === "" ? [] : ["-n", namespace];
  return `look with ${sh`kubectl get ${[resource, operand(name), ...place]}`.line} whether it is there`;
}

import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import type { ValuePath, WrittenValues } from "./written.ts";

/** The owner's comments on the values of one controller, by the part of the patches that says what they are about. */
export interface ControllerComments {
  /** On the flags, one list each. */
  args: string[][];
  /** On fields of the container: `resources`, `securityContext`. */
  container: Readonly<Record<string, string[]>>;
  /** On what is merged into the Deployment. */
  deployment: string[];
  /** On the ServiceAccount. */
  account: string[];
  services: string[];
}

const CONTAINER = ["resources", "securityContext"];
const ELSEWHERE = new Set([...CONTAINER, "container", "serviceAccount", "service", "webhookReceiver", "secret"]);

/** @param key of the controller in the values, such as `helmController`; `values` are those below it */
export function readControllerComments(
  key: string,
  values: YamlData,
  comments: WrittenValues["comments"],
): ControllerComments {
  const all = (path: ValuePath) => Object.values(comments([key, ...path])).flat();
  const above = (path: ValuePath) => comments([key, ...path]).above;
  const flags: unknown[] = itemsOf(values.container?.additionalArgs);
  const args = flags.map((_, index) => all(["container", "additionalArgs", index]));
  args[0]?.unshift(...above(["container"]), ...above(["container", "additionalArgs"]));
  const own = Object.keys(values).filter((field) => !ELSEWHERE.has(field));
  const read: ControllerComments = {
    args,
    container: Object.fromEntries(CONTAINER.map((field) => [field, all([field])])),
    deployment: own.flatMap((field) => all([field])),
    account: all(["serviceAccount"]),
    services: [...all(["service"]), ...all(["webhookReceiver"])],
  };
  // What is said of the controller as a whole stands above what comes first of it.
  const carriedOf = (field: string): string[] | undefined => {
    if (field === "container") return args[0];
    if (field === "serviceAccount") return read.account;
    if (field === "service" || field === "webhookReceiver") return read.services;
    return ELSEWHERE.has(field) ? ofOwn(read.container, field) : read.deployment;
  };
  const [first] = Object.keys(values).flatMap((field) => {
    const carried = carriedOf(field);
    return carried ? [carried] : [];
  });
  first?.unshift(...above([]));
  return read;
}

import { groupKindOf } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { listContainers, PROBES, podOf } from "../../admission/pods.ts";
import { parseQuantity } from "../../admission/quantity.ts";
import type { Given } from "../../change/given.ts";
import { literally } from "../../change/read.ts";
import { wasFilled } from "../../change/refused-builds.ts";
import type { OwnedObject } from "../../change/types.ts";
import { notIn } from "../../contract/not-in.ts";
import type { YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { walkData } from "../../yaml/walk-data.ts";
import { isNumber, portNames } from "../network/ports.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { hasUpperCase, refusesImage } from "./image-name.ts";

type Failing = Stop & { id: string };

/**
 * Pods that the API server takes and that cannot run: a probe of a port that is none, a limit of memory too low for any
 * program, an image that is none, root where none may be.
 */
export function findFailingPods(given: Given): Stopped[] {
  return stopsOf(given, (held, was) => {
    if (held.by?.fixed !== false || held.by.spec.suspend) return [];
    const failing = listFailing(held.object);
    if (failing.length === 0) return [];
    const [first] = notIn(failing, was ? listFailing(was.object) : [], ({ id }) => id);
    if (!first || (first.id.includes("${") && wasFilled(was))) return [];
    const { id: _, ...stop } = first;
    return stop;
  });
}

function listFailing({ key, name, body, release, settle }: OwnedObject): Failing[] {
  if (release) return listUnreadValues(body?.spec?.values);
  const pod = podOf(groupKindOf(key), body);
  const long = groupKindOf(key) === "apps|StatefulSet" && body?.spec?.replicas !== 0 ? readLongName(name) : [];
  const containers = listContainers(pod).flatMap(({ data, path }) =>
    [
      ...listVainProbes(data, path),
      readLowLimit(data, path),
      readUnreadImage(data, path, settle === literally),
      readRootUser(data, pod?.data.securityContext, path),
    ].flat(),
  );
  return [long, containers].flat();
}

/** A label of the pods is the name, a dash and a hash of 32 bits in up to ten digits, and no label has more than 63 characters. */
const LONGEST_SET = 63 - 1 - 10;

/** The controller cuts nothing off (controller-revision-hash, github.com/kubernetes/kubernetes/issues/64023). */
function readLongName(name: string): Failing | [] {
  if (isOpenText(name) || name.length <= LONGEST_SET) return [];
  // Of all numbers of 32 bits three in four have ten digits, and 98 of 100 have nine or ten.
  const share = name.length === LONGEST_SET + 1 ? "three in four hashes have" : "nearly all hashes have";
  return {
    path: ["metadata", "name"],
    what: `has a name of ${name.length} characters, with which its pods can hardly be made: Kubernetes gives them a label of that name, a dash and a hash, and ${share} too many digits for it`,
    why: `The API server takes the StatefulSet, and refuses its pods where that label has more than 63 characters; each change of the pods makes another hash. A name that always works has ${LONGEST_SET} at most.`,
    next: "Give it a shorter name.",
    id: name,
  };
}

/** Probes of a port by its name that the container they ask does not have (kubelet, `resolveContainerPort`). */
function listVainProbes(container: YamlData, path: Stop["path"]): Failing[] {
  const names = new Set(portNames(container));
  return PROBES.flatMap((probe) =>
    ["httpGet", "tcpSocket"].flatMap((how): Failing | [] => {
      const port: unknown = container?.[probe]?.[how]?.port;
      const isName = typeof port === "string" && port !== "" && !isNumber(port);
      if (!isName || names.has(port) || isOpenText(`${port}${[...names].join()}`)) return [];
      return {
        path: [...path, probe, how, "port"],
        rule: "reference-breaks",
        what: `probes the port ${port} of its container ${container.name}, which has no port of that name: ${probe === "readinessProbe" ? "its pods never become ready" : "its pods are started again and again"}`,
        why: "A probe looks for the name in the ports of its own container, and fails where there is none.",
        next: "Write a port of that container, or its number.",
        id: JSON.stringify([container.name, probe, port]),
      };
    }),
  );
}

/** No container starts with less. */
const LEAST = 2 ** 20;

/** `128m` is a part of a byte; what is meant is `128Mi`. */
function readLowLimit(container: YamlData, path: Stop["path"]): Failing | [] {
  const value: unknown = isMap(container?.resources) ? container.resources.limits?.memory : undefined;
  const bytes = parseQuantity(value);
  if (bytes === undefined || bytes <= 0 || bytes >= LEAST) return [];
  return {
    path: [...path, "resources", "limits", "memory"],
    what: `gives its container ${container.name} ${value} of memory at most, which is ${bytes < 1 ? "less than a byte" : `${Math.round(bytes)} bytes`}: its pods do not start any more`,
    why: "An amount without a unit is in bytes, and m is a thousandth of that. The API server takes it.",
    next: "Write a unit such as Mi.",
    id: JSON.stringify([container.name, value]),
  };
}

/** @param isPlain nothing fills in variables */
function readUnreadImage(container: YamlData, path: Stop["path"], isPlain: boolean): Failing | [] {
  const image: unknown = container?.image;
  // Without one the API server refuses it, and with blanks around it as well.
  if (typeof image !== "string" || image.trim() === "" || (isOpenText(image) && !isPlain)) return [];
  const why = refusesImage(image);
  if (why === undefined) return [];
  return {
    path: [...path, "image"],
    what: `gives its container ${container.name} the image ${JSON.stringify(image)}, which is none: its pods do not start any more`,
    why: `The API server takes it, and the node does not read it: ${why}.`,
    next: "Correct the name of the image.",
    id: JSON.stringify([container.name, image]),
  };
}

/** kubelet, `verifyRunAsNonRoot`; without a number it depends on the image. */
function readRootUser(container: YamlData, all: YamlData, path: Stop["path"]): Failing | [] {
  const own: YamlData = container?.securityContext;
  const [user, isBarred] = [own?.runAsUser ?? all?.runAsUser, own?.runAsNonRoot ?? all?.runAsNonRoot];
  if (user !== 0 || isBarred !== true) return [];
  return {
    path: [...path, "securityContext"],
    what: `runs its container ${container.name} as root and bars that at once: its pods do not start any more`,
    why: "runAsUser is 0 and runAsNonRoot is true. The API server takes it, and the node starts no such container.",
    next: "Write another user, or runAsNonRoot: false for that container.",
    id: JSON.stringify([container.name, "root"]),
  };
}

/** `image.repository` in the values of a chart, at any depth. */
function listUnreadValues(values: unknown): Failing[] {
  return walkData(values, ["spec", "values"]).flatMap(({ value, path }) => {
    const repository: unknown = path.at(-1) === "image" && isMap(value) ? value.repository : undefined;
    if (typeof repository !== "string" || !hasUpperCase(repository)) return [];
    return {
      path: [...path, "repository"],
      what: `names the image ${JSON.stringify(repository)}, which is none: its pods do not start any more`,
      why: "The API server takes it, and the node does not read it: only a registry may have upper case.",
      next: "Correct the name of the image.",
      id: JSON.stringify([repository]),
    };
  });
}

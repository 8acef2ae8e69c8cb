/** Keys whose whole text is a version, and texts that are one wherever they stand: a size (`10Gi`) or an address is none. */
const VERSION_KEY = /^(?:tag|version|digest|semver)$/;
const VERSION = /^v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]*)?$/;
const TAG = /(?::[\w.-]+)?(?:@sha256:\w+)?$/;

/** For `JSON.stringify`: other versions take nothing away. */
export function hideVersion(name: string, value: unknown): unknown {
  if (typeof value !== "string" || name === "apiVersion") return value;
  if (name === "image") return value.replace(TAG, "");
  return VERSION_KEY.test(name) || VERSION.test(value) ? "" : value;
}

/** Whether registries take it as a tag (the distribution spec of OCI). */
export function isTag(text: string): boolean {
  return /^\w[\w.-]{0,127}$/.test(text);
}

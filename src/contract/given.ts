type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that are set; absent is not the same as undefined in the JSON of a plan. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

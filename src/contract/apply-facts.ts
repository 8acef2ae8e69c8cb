/** A line that applies what the migration takes away. */
export interface ApplyFacts {
  path: string;
  /** What the folder no longer holds; undefined where all of it is gone. */
  lost?: string | undefined;
  /** Set where a later phase takes it: what that one finds of it. */
  later?: "all" | "rest";
  /** Paths of other clusters that the line may mean as well. */
  others: readonly string[];
  /** Other clusters that are started from this very path. */
  sharers?: readonly string[];
  isCertain: boolean;
  /** What to run instead; empty where the lines around it do it already. */
  commands: readonly string[];
}

import { homeTree, kustomization, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { PLAYER_APP } from "./tree.ts";

export const LIST = `${PLAYER_APP}/kustomization.yaml`;
export const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const THING = `${PLAYER_APP}/thing.yaml`;
export const USER = `${PLAYER_APP}/user.yaml`;

/** An app with a thing, and the values of a release and an object that may name it. */
export const thingTree = (thing: string, values: string, user: string): Files => ({
  ...homeTree(),
  [LIST]: kustomization(["helmrelease.yaml", "thing.yaml", "user.yaml"]),
  [HELM]: release("player", [`values: ${values}`]),
  [THING]: thing,
  [USER]: user,
});

/** The thing goes. */
export const without = { [THING]: undefined, [LIST]: kustomization(["helmrelease.yaml", "user.yaml"]) };

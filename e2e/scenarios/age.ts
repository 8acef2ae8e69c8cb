import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaryPath } from "../install/build.ts";
import { SOPS } from "../install/components.ts";
import type { KubeObject } from "../world/kube.ts";

export interface AgeKey {
  secret: string;
  recipient: string;
}

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** A throw-away age key pair: X25519, written in Bech32 as age does. */
export function makeAgeKey(): AgeKey {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const secret = privateKey.export({ type: "pkcs8", format: "der" }).subarray(-32);
  const open = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return { secret: bech32("age-secret-key-", secret).toUpperCase(), recipient: bech32("age", open) };
}

/** The Secret that `spec.decryption.secretRef` names. */
export const ageSecret = (key: AgeKey): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "sops-age", namespace: "flux-system" },
  stringData: { "age.agekey": key.secret },
});

/** Encrypts a Secret the way repositories do: only its values. */
export function encrypt(dir: string, key: AgeKey, text: string): string {
  const file = join(dir, "plain.sops.yaml");
  writeFileSync(file, text);
  const args = ["--encrypt", "--age", key.recipient, "--encrypted-regex", "^(data|stringData)$", file];
  return execFileSync(binaryPath(SOPS), args, { encoding: "utf8" });
}

/** BIP 173, without its limit of 90 characters. */
export function bech32(prefix: string, bytes: Uint8Array): string {
  const words: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      words.push((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  if (bits > 0) words.push((held << (5 - bits)) & 31);
  const letters = [...prefix].map((one) => one.charCodeAt(0));
  const spread = [...letters.map((one) => one >> 5), 0, ...letters.map((one) => one & 31)];
  const sum = polymod([...spread, ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = [5, 4, 3, 2, 1, 0].map((at) => (sum >> (5 * at)) & 31);
  return `${prefix}1${[...words, ...check].map((one) => CHARSET[one]).join("")}`;
}

function polymod(values: number[]): number {
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [at, generator] of generators.entries()) if ((top >> at) & 1) sum ^= generator;
  }
  return sum;
}

import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Go } from "./build.ts";

/** Files of a throw-away certificate authority and of what it signed; they live as long as the run. */
export interface Pki {
  ca: string;
  caFile: string;
  serving: { cert: string; key: string };
  registry: { cert: string; key: string };
  serviceAccountKey: string;
}

const PROGRAM = `package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"strings"
	"time"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func write(path, kind string, der []byte) {
	check(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func template(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(30 * 24 * time.Hour),
	}
}

// Usage: certificates DIR [NAME=HOST,HOST...]...
func main() {
	dir := os.Args[1]
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	ca := template(1, "fluxlift-e2e")
	ca.IsCA, ca.BasicConstraintsValid = true, true
	ca.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	check(err)
	write(dir+"/ca.crt", "CERTIFICATE", der)
	for at, argument := range os.Args[2:] {
		name, hosts, _ := strings.Cut(argument, "=")
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		check(err)
		leaf := template(int64(at+2), name)
		leaf.KeyUsage = x509.KeyUsageDigitalSignature
		leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		for _, host := range strings.Split(hosts, ",") {
			if ip := net.ParseIP(host); ip != nil {
				leaf.IPAddresses = append(leaf.IPAddresses, ip)
			} else {
				leaf.DNSNames = append(leaf.DNSNames, host)
			}
		}
		der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
		check(err)
		write(dir+"/"+name+".crt", "CERTIFICATE", der)
		der, err = x509.MarshalECPrivateKey(key)
		check(err)
		write(dir+"/"+name+".key", "EC PRIVATE KEY", der)
	}
}
`;

/** A host of the registry that lets nobody in without a password. */
export const PRIVATE_HOST = "packages.example.org";

/** Hosts that the registry of the bench answers for. */
export const REGISTRY_HOSTS = ["ghcr.io", "registry.example.org", PRIVATE_HOST];

/** Node makes keys but no certificates, and Go is there anyway. */
export async function makePki(go: Go, dir: string, hosts: Iterable<string> = []): Promise<Pki> {
  mkdirSync(dir, { recursive: true });
  const program = join(dir, "certificates.go");
  writeFileSync(program, PROGRAM);
  const names = [
    "serving=127.0.0.1,localhost,kubernetes,kubernetes.default.svc",
    `registry=${[...new Set([...REGISTRY_HOSTS, ...hosts])].join(",")}`,
  ];
  const ran = await go.run(dir, ["run", program, dir, ...names], { GO111MODULE: "off", GOFLAGS: "" });
  if (ran.status !== 0) throw new Error(`no certificates: ${ran.stderr}`);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const serviceAccountKey = join(dir, "service-account.key");
  writeFileSync(serviceAccountKey, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  const pair = (name: string) => ({ cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) });
  const caFile = join(dir, "ca.crt");
  return {
    ca: readFileSync(caFile, "utf8"),
    caFile,
    serving: pair("serving"),
    registry: pair("registry"),
    serviceAccountKey,
  };
}

#!/usr/bin/env bash
set -euo pipefail

cd kubernetes
kubectl apply --kustomize ./bootstrap/flux
kubectl apply -k ./flux/config
flux get sources git home-kubernetes

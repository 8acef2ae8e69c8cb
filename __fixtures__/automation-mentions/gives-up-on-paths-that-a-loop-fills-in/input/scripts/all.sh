#!/usr/bin/env bash
for cluster in "$@"; do
  kubectl apply --kustomize "${cluster}/bootstrap/flux"
done

kubectl apply -k kubernetes/bootstrap/flux

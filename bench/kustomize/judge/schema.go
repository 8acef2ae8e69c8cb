package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const definitions = "#/definitions/"

// describeSchema lists, for every kind of the built-in schema, the lists below it that a strategic merge joins by key.
//
// Kinds that hold the same lists share a type. A type maps a field to [type below it, merge keys…]; type 0 holds none.
func describeSchema() any {
	walker := &walker{all: openapi.Schema().Definitions, open: map[string]bool{}, done: map[string]int{}, types: []string{"{}"}}
	kinds := map[string]map[string]int{}
	for name, one := range walker.all {
		for _, gvk := range gvks(one) {
			resource := openapi.SchemaForResourceType(yaml.TypeMeta{APIVersion: apiVersion(gvk), Kind: gvk["kind"]})
			if resource == nil || strings.HasSuffix(gvk["kind"], "List") {
				continue
			}
			if kinds[apiVersion(gvk)] == nil {
				kinds[apiVersion(gvk)] = map[string]int{}
			}
			kinds[apiVersion(gvk)][gvk["kind"]] = walker.definition(name)
		}
	}
	types := make([]json.RawMessage, len(walker.types))
	for i, text := range walker.types {
		types[i] = json.RawMessage(text)
	}
	return map[string]any{"types": types, "kinds": kinds}
}

type walker struct {
	all   spec.Definitions
	open  map[string]bool
	done  map[string]int
	types []string
}

func (w *walker) definition(name string) int {
	if known, ok := w.done[name]; ok {
		return known
	}
	if w.open[name] {
		return 0 // JSONSchemaProps: nothing in it is merged by key
	}
	w.open[name] = true
	w.done[name] = w.fields(w.all[name])
	return w.done[name]
}

func (w *walker) fields(one spec.Schema) int {
	fields := map[string][]any{}
	for name, field := range one.Properties {
		below, keys := w.value(field)
		if below != 0 || keys != nil {
			fields[name] = append([]any{below}, keys...)
		}
	}
	if one.AdditionalProperties != nil && one.AdditionalProperties.Schema != nil {
		if below, keys := w.value(*one.AdditionalProperties.Schema); below != 0 || keys != nil {
			panic("a map of merged lists")
		}
	}
	text, _ := json.Marshal(fields)
	for i, known := range w.types {
		if known == string(text) {
			return i
		}
	}
	w.types = append(w.types, string(text))
	return len(w.types) - 1
}

// value returns what a field leads to, and the merge keys where it is a list that is merged; "" stands for scalars.
func (w *walker) value(field spec.Schema) (int, []any) {
	if ref := field.Ref.String(); ref != "" {
		return w.definition(strings.TrimPrefix(ref, definitions)), nil
	}
	if len(field.Type) == 1 && field.Type[0] == "array" && field.Items != nil {
		below, _ := w.value(*field.Items.Schema)
		strategy, keys := (&openapi.ResourceSchema{Schema: &field}).PatchStrategyAndKeyList()
		merges := false
		for _, part := range strings.Split(strategy, ",") {
			merges = merges || part == "merge"
		}
		if !merges {
			return 0, nil
		}
		if len(keys) == 0 {
			return below, []any{""}
		}
		result := []any{}
		for _, key := range keys {
			result = append(result, key)
		}
		return below, result
	}
	return w.fields(field), nil
}

func gvks(one spec.Schema) (result []map[string]string) {
	list, _ := one.Extensions["x-kubernetes-group-version-kind"].([]any)
	for _, item := range list {
		gvk := map[string]string{}
		for key, value := range item.(map[string]any) {
			gvk[key] = fmt.Sprint(value)
		}
		result = append(result, gvk)
	}
	sort.Slice(result, func(i, j int) bool { return apiVersion(result[i]) < apiVersion(result[j]) })
	return result
}

func apiVersion(gvk map[string]string) string {
	if gvk["group"] == "" {
		return gvk["version"]
	}
	return gvk["group"] + "/" + gvk["version"]
}

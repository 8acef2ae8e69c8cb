// Judge builds kustomizations with the real kustomize 5.5 API, many in one process.
//
// It reads one JSON request a line and answers one JSON line each, in order: {"files": {path: text}, "folder": path}
// is built in memory, {"dir": path} on disk, {"schema": true} prints what the built-in OpenAPI schema and the default
// field specs say. No load restrictions, no Helm, no plugins, no network.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type request struct {
	Files  map[string]string `json:"files"`
	Folder string            `json:"folder"`
	Dir    string            `json:"dir"`
	Schema bool              `json:"schema"`
}

type answer struct {
	Ok      bool              `json:"ok"`
	Objects []json.RawMessage `json:"objects"`
	Error   string            `json:"error,omitempty"`
}

func main() {
	log.SetOutput(io.Discard)
	debug.SetGCPercent(800) // many short builds
	if err := os.Setenv("PATH", ""); err != nil { // no git: a remote base fails at once
		panic(err)
	}
	answers := os.Stdout
	os.Stderr, _ = os.Open(os.DevNull)
	scanner := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(answers)
	defer out.Flush()
	for {
		line, err := scanner.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var one request
			if bad := json.Unmarshal(line, &one); bad != nil {
				panic(bad)
			}
			var result any
			if one.Schema {
				result = describeSchema()
			} else {
				result = judge(one)
			}
			text, bad := json.Marshal(result)
			if bad != nil {
				panic(bad)
			}
			out.Write(text)
			out.WriteByte('\n')
			if scanner.Buffered() == 0 {
				out.Flush()
			}
		}
		if err != nil {
			return
		}
	}
}

func judge(one request) (result answer) {
	defer func() {
		if crash := recover(); crash != nil {
			result = answer{Error: fmt.Sprintf("panic: %v in %s", crash, crashSite())}
		}
	}()
	fs, folder := filesys.MakeFsOnDisk(), one.Dir
	if folder == "" {
		fs, folder = filesys.MakeFsInMemory(), filepath.Join("/", one.Folder)
		for path, text := range one.Files {
			if err := fs.WriteFile(filepath.Join("/", path), []byte(text)); err != nil {
				return answer{Error: err.Error()}
			}
		}
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	built, err := krusty.MakeKustomizer(options).Run(fs, folder)
	if err != nil {
		return answer{Error: shorten(err.Error())}
	}
	result.Ok = true
	result.Objects = []json.RawMessage{}
	for _, resource := range built.Resources() {
		text, err := resource.MarshalJSON()
		if err != nil {
			return answer{Error: shorten(err.Error())}
		}
		result.Objects = append(result.Objects, text)
	}
	return result
}

// crashSite names the functions of kustomize that were running.
func crashSite() string {
	var names []string
	for _, line := range strings.Split(string(debug.Stack()), "\n") {
		if name, _, found := strings.Cut(line, "("); found && strings.Contains(name, "kustomize/") && len(names) < 4 {
			names = append(names, filepath.Base(line))
		}
	}
	return strings.Join(names, " < ")
}

func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 600 {
		return text[:200] + " … " + text[len(text)-400:]
	}
	return text
}

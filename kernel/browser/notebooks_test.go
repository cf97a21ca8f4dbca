//go:build client

package browser

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// How to run the tutorials in the front ends, which is not done by `-run Client`, as it takes many minutes and a whole
// JupyterLab: notebooks/README.md says how.
var (
	chosen     = flag.String("notebooks", "", "names of notebooks, with commas between them; empty: all of them")
	frontEnds  = flag.String("clients", "classic,complete", "front ends: classic, the classic Notebook; complete, JupyterLab")
	jupyterLab = flag.String("jupyterlab", "jupyter-lab", "the command that starts JupyterLab")
	epochs     = flag.Int("epochs", 2, "how long the flagship trains")
)

// notebooks.mjs and saved.mjs take so many steps; JupyterLab has a theme more.
const (
	notebookSteps = 6
	savedSteps    = 2
)

// Every notebook of notebooks/ in the front ends, and how each looks when it was saved.
func TestNotebooksInABrowser(t *testing.T) {
	names, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if *chosen != "" {
		names = nil
		for name := range strings.SplitSeq(*chosen, ",") {
			names = append(names, "../../notebooks/"+strings.TrimSuffix(name, ".ipynb")+".ipynb")
		}
	}
	tools := buildTools(t)
	kernel := installComplete(t)
	enableWidgets(t, kernel)
	for _, client := range strings.Split(*frontEnds, ",") {
		t.Run(client, func(t *testing.T) { readNotebooks(t, tools, kernel, client, names) })
	}
}

// readNotebooks runs notebooks in one front end.
func readNotebooks(t *testing.T, tools, kernel, client string, names []string) {
	var s *server
	steps := notebookSteps
	switch client {
	case "classic":
		s = startServer(t, tools, kernel, "notebooks", "/", false)
	case "complete":
		s = startLab(t, kernel)
		steps++ // the dark theme
	default:
		t.Fatalf("no front end is called %q", client)
	}
	data, err := filepath.Abs("../../notebooks/data")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(data, filepath.Join(s.notebooks, "data")); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		base := filepath.Base(name)
		if base == "steering_a_training.ipynb" {
			t.Run("panel", func(t *testing.T) { drive(t, tools, s, client, "steer.mjs", steerSteps) })
		}
		t.Run(base, func(t *testing.T) {
			copyNotebook(t, s, name)
			runScript(t, tools, s, 25*time.Minute, "notebooks.mjs", steps, map[string]any{"client": client, "notebook": base})
			if client == "classic" {
				return // what it saves is the same
			}
			page := filepath.Join(t.TempDir(), strings.TrimSuffix(base, ".ipynb")+".html")
			command(t, s.notebooks, "/usr/bin/python3", "-m", "nbconvert", "--to", "html", "--output", page, base)
			runScript(t, tools, s, 5*time.Minute, "saved.mjs", savedSteps, map[string]any{"page": page})
		})
	}
}

// copyNotebook copies a notebook without outputs into the server's folder, where it trains for a shorter time.
func copyNotebook(t *testing.T, s *server, name string) {
	b := bytes.Replace(read(t, name), []byte("epochs := 10"), fmt.Appendf(nil, "epochs := %d", *epochs), 1)
	var nb map[string]any
	if err := json.Unmarshal(b, &nb); err != nil {
		t.Fatal(err)
	}
	for _, c := range nb["cells"].([]any) {
		if c := c.(map[string]any); c["cell_type"] == "code" {
			c["outputs"], c["execution_count"] = []any{}, nil
		}
	}
	b, err := json.Marshal(nb)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.notebooks, filepath.Base(name)), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// startLab starts a whole JupyterLab, in which a notebook has all its cells on the page, so that a picture of it shows
// them, and which does not ask whether it may look for news.
func startLab(t *testing.T, kernel string) *server {
	dir := t.TempDir()
	port := freePort(t)
	s := &server{name: "notebooks", notebooks: filepath.Join(dir, "notebooks"), log: filepath.Join(dir, "log"), url: fmt.Sprintf("http://127.0.0.1:%d/", port)}
	for name, text := range map[string]string{
		"settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings": `{"fetchNews": "false", "checkForUpdates": false}`,
		"settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings":      `{"windowingMode": "none"}`,
		"notebooks/.nothing": "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(*jupyterLab, "--allow-root", "--no-browser", "--ip=127.0.0.1", fmt.Sprint("--port=", port), "--ServerApp.port_retries=0",
		"--expose-app-in-browser", "--IdentityProvider.token="+token, "--ServerApp.root_dir="+s.notebooks)
	cmd.Env = []string{"JUPYTERLAB_SETTINGS_DIR=" + filepath.Join(dir, "settings"), "JUPYTERLAB_WORKSPACES_DIR=" + filepath.Join(dir, "workspaces")}
	s.start(t, kernel, cmd)
	return s
}

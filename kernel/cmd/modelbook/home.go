package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// defaultHome is where modelbook is installed for a user.
func defaultHome() string {
	return filepath.Join(dataHome(), "modelbook")
}

// dataHome is the user's folder for data of programs.
func dataHome() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return os.TempDir()
	}
	return filepath.Join(home, ".local", "share")
}

// findHome returns the installed home to use: the one asked for, the one that this
// program is part of, the one of the kernel that Jupyter would start, or the
// user's.
func findHome(asked string) string {
	if asked != "" {
		return asked
	}
	if dir := os.Getenv("MODELBOOK_HOME"); dir != "" {
		return dir
	}
	if program, err := os.Executable(); err == nil {
		if dir := homeOf(program); isHome(dir) {
			return dir
		}
	}
	if spec, err := findKernelspec(); err == nil {
		if dir := homeOf(spec.Argv[0]); isHome(dir) {
			return dir
		}
	}
	return defaultHome()
}

// homeOf is the home whose bin folder holds a program.
func homeOf(program string) string { return filepath.Dir(filepath.Dir(program)) }

func isHome(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "manifest.json"))
	return err == nil
}

// A kernelspec is what kernel.json holds.
type kernelspec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env,omitempty"`
	Metadata      map[string]any    `json:"metadata"`

	dir string // where it was found
}

const (
	kernelName  = "modelbook"
	displayName = "Go (modelbook)"
)

// jupyterPath lists the folders where Jupyter looks for kernels, in its order
// (`jupyter --paths`).
func jupyterPath() []string {
	var dirs []string
	add := func(elem ...string) {
		if elem[0] != "" {
			dirs = append(dirs, filepath.Join(elem...))
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("JUPYTER_PATH")) {
		add(dir)
	}
	add(userJupyter())
	add(os.Getenv("VIRTUAL_ENV"), "share", "jupyter")
	add(os.Getenv("CONDA_PREFIX"), "share", "jupyter")
	add("/usr/local/share/jupyter")
	add("/usr/share/jupyter")
	return dirs
}

// userJupyter is Jupyter's data folder of this user.
func userJupyter() string {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir
	}
	return filepath.Join(dataHome(), "jupyter")
}

// findKernelspec finds the kernelspec that Jupyter would use.
func findKernelspec() (*kernelspec, error) {
	for _, dir := range jupyterPath() {
		dir = filepath.Join(dir, "kernels", kernelName)
		b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
		if err != nil {
			continue
		}
		spec := &kernelspec{dir: dir}
		if err := json.Unmarshal(b, spec); err == nil && len(spec.Argv) > 0 {
			return spec, nil
		}
	}
	return nil, os.ErrNotExist
}

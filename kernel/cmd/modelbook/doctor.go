package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"modelbook/kernel/toolchain"
)

// A finding is one line of the doctor's report.
type finding struct {
	name   string
	detail string // what was found, or what is wrong
	remedy string // what to do; "" when all is well
	needed bool   // cells cannot run without it
}

func ok(name, detail string) finding { return finding{name: name, detail: detail} }

func missing(name, detail, remedy string) finding {
	return finding{name: name, detail: detail, remedy: remedy, needed: true}
}

func advice(name, detail, remedy string) finding {
	return finding{name: name, detail: detail, remedy: remedy}
}

func doctorCommand(args []string) error {
	f := newFlags("doctor", "[--home DIR]")
	home := f.String("home", "", "installed `folder` to look at")
	if _, err := parse(f, args); err != nil {
		return err
	}
	dir := findHome(*home)
	ctx, cancel := interrupted()
	defer cancel()
	ill := false
	for _, check := range []func() finding{
		system,
		func() finding { return goCommand(ctx, dir) },
		func() finding { return cgo(ctx) },
		func() finding { return linker(ctx) },
		func() finding { return prepared(dir) },
		func() finding { return linking(dir) },
		func() finding { return safeguards(dir) },
		func() finding {
			return writable("cells compile in", os.TempDir(), "set TMPDIR to a folder you can write to")
		},
		func() finding {
			return writable("home", dir, "chown it, or install elsewhere with `modelbook install --home DIR`")
		},
		func() finding { return registered(dir) },
		func() finding { return gopls(dir) },
		func() finding { return jupyter(ctx) },
		func() finding { return modules(ctx) },
	} {
		d := check()
		switch {
		case d.name == "":
		case d.remedy == "":
			fmt.Printf("ok       %-18s %s\n", d.name, d.detail)
		case d.needed:
			ill = true
			fmt.Printf("MISSING  %-18s %s\n         %-18s -> %s\n", d.name, d.detail, "", d.remedy)
		default:
			fmt.Printf("note     %-18s %s\n         %-18s -> %s\n", d.name, d.detail, "", d.remedy)
		}
	}
	if ill {
		return errSilent
	}
	return nil
}

func system() finding {
	what := runtime.GOOS + "/" + runtime.GOARCH
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		return missing("system", what, "cells need linux on amd64 or arm64: use the container image (Dockerfile)")
	}
	return ok("system", fmt.Sprintf("%s, %d processors", what, runtime.NumCPU()))
}

// goCommand looks at the Go installation that cells are compiled with: the
// one the home was made with, which need not be in PATH, else the one in PATH.
func goCommand(ctx context.Context, home string) finding {
	if h, err := toolchain.OpenHome(home); err == nil {
		return ok("Go", h.Toolchain.GOVERSION+" in "+h.Toolchain.GOROOT)
	}
	if _, err := exec.LookPath("go"); err != nil {
		return missing("Go", "no go command in PATH", "install Go 1.26 or newer from https://go.dev/dl, or run ./install/run.sh")
	}
	out, err := toolchain.UserCommand(ctx, "env", "GOVERSION").Output()
	version := strings.TrimSpace(string(out))
	var minor int
	if err != nil {
		return missing("Go", "`go env` fails: "+err.Error(), "install Go 1.26 or newer from https://go.dev/dl")
	}
	if n, _ := fmt.Sscanf(version, "go1.%d", &minor); n == 1 && minor < 26 {
		return missing("Go", version+" is too old", "install Go 1.26 or newer from https://go.dev/dl, or run ./install/run.sh")
	}
	if version != runtime.Version() {
		return advice("Go", fmt.Sprintf("%s, but modelbook was built with %s", version, runtime.Version()),
			"nothing, while Go can fetch that toolchain; else run ./install/run.sh again")
	}
	return ok("Go", version)
}

const compilerRemedy = "apt-get install gcc libc6-dev (Debian, Ubuntu); dnf install gcc glibc-devel (Fedora); apk add gcc musl-dev (Alpine)"

// cgo tries to compile and link a C program, as linking a cell does.
func cgo(ctx context.Context) finding {
	cc := os.Getenv("CC")
	if cc == "" {
		if out, err := toolchain.UserCommand(ctx, "env", "CC").Output(); err == nil {
			cc = strings.TrimSpace(string(out))
		}
	}
	words := strings.Fields(cc)
	if len(words) == 0 {
		words = []string{"gcc"}
	}
	if os.Getenv("CGO_ENABLED") == "0" {
		return missing("C compiler", "CGO_ENABLED=0 is set", "unset CGO_ENABLED: plugins need cgo")
	}
	dir, err := os.MkdirTemp("", "modelbook-doctor-")
	if err != nil {
		return missing("C compiler", err.Error(), "set TMPDIR to a folder you can write to")
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], "-shared", "-fPIC", "-x", "c", "-o", filepath.Join(dir, "t.so"), "-")...)
	cmd.Stdin = strings.NewReader("#include <stdlib.h>\nvoid f(void) { abort(); }\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if first == "" {
			first = err.Error()
		}
		return missing("C compiler", fmt.Sprintf("%s cannot build a shared library: %s", words[0], first), compilerRemedy)
	}
	out, _ := exec.CommandContext(ctx, words[0], append(words[1:], "--version")...).Output()
	first, _, _ := strings.Cut(string(out), "\n")
	return ok("C compiler", first)
}

// linker checks for binutils, whose ld takes version scripts.
func linker(ctx context.Context) finding {
	const remedy = "apt-get install binutils (Debian, Ubuntu); dnf install binutils (Fedora); apk add binutils (Alpine)"
	out, err := exec.CommandContext(ctx, "ld", "--help").Output()
	if err != nil {
		return missing("linker", "no ld in PATH", remedy)
	}
	if !strings.Contains(string(out), "--version-script") {
		return missing("linker", "ld knows no --version-script", remedy)
	}
	out, _ = exec.CommandContext(ctx, "ld", "--version").Output()
	first, _, _ := strings.Cut(string(out), "\n")
	return ok("linker", first)
}

func prepared(home string) finding {
	if err := toolchain.CheckHome(home); err != nil {
		return missing("packages", err.Error(), "modelbook install --source FOLDER_OF_MODELBOOK (or ./install/run.sh there)")
	}
	return ok("packages", "compiled ahead in "+home)
}

// linking reports how cells are linked, or nothing if there is no home.
func linking(home string) finding {
	h, err := toolchain.OpenHome(home)
	if err != nil {
		return finding{}
	}
	if how, usual := h.Linking(); !usual {
		return advice("cells are linked", how, "nothing: cells work. A newer modelbook may know this Go release")
	} else {
		return ok("cells are linked", how)
	}
}

// safeguards reports which changes of the standard library could not be made.
func safeguards(home string) finding {
	h, err := toolchain.OpenHome(home)
	if err != nil || len(h.Lacks) == 0 {
		return finding{}
	}
	return advice("standard library", h.Toolchain.GOVERSION+" has another text than is known: "+strings.Join(h.Lacks, "; "),
		"nothing: cells work. A newer modelbook, or an older Go release, has these safeguards")
}

func writable(name, dir, remedy string) finding {
	f, err := os.CreateTemp(dir, ".modelbook-doctor-*")
	if err != nil {
		return missing(name, err.Error(), remedy)
	}
	f.Close()
	os.Remove(f.Name())
	return ok(name, dir+" can be written to")
}

func registered(home string) finding {
	spec, err := findKernelspec()
	if err != nil {
		return advice("kernelspec", "Jupyter does not know the kernel; looked in "+strings.Join(jupyterPath(), ", "), "modelbook install")
	}
	if _, err := os.Stat(spec.Argv[0]); err != nil {
		return missing("kernelspec", spec.dir+" names a program that is gone: "+spec.Argv[0], "modelbook install")
	}
	if other := homeOf(spec.Argv[0]); other != home {
		return advice("kernelspec", fmt.Sprintf("%s starts the kernel of another home, %s", spec.dir, other), "modelbook install --home "+home)
	}
	return ok("kernelspec", spec.dir)
}

// gopls looks for the language server.
func gopls(home string) finding {
	if path := toolchain.Gopls(home); fileExists(path) {
		return ok("gopls", path)
	}
	return advice("gopls", "not installed: names of packages that are imported but not compiled yet are not completed, all others are",
		"modelbook install, with a network")
}

func jupyter(ctx context.Context) finding {
	for _, front := range []string{"jupyter-lab", "jupyter-notebook", "jupyter"} {
		path, err := exec.LookPath(front)
		if err != nil {
			continue
		}
		version := ""
		if out, err := exec.CommandContext(ctx, path, "--version").Output(); err == nil {
			version, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
		}
		return ok("Jupyter", strings.TrimSpace(path+" "+version))
	}
	return advice("Jupyter", "not found; `modelbook run` and VS Code do without it", "pip install jupyterlab, or apt-get install jupyter-notebook")
}

// modules checks whether `go get` can fetch packages that cells import.
func modules(ctx context.Context) finding {
	const remedy = "set GOPROXY (and HTTPS_PROXY behind a proxy); cells that import nothing new run without a network"
	out, err := toolchain.UserCommand(ctx, "env", "GOPROXY").Output()
	if err != nil {
		return advice("go get", "`go env GOPROXY` fails", remedy)
	}
	for _, proxy := range strings.FieldsFunc(strings.TrimSpace(string(out)), func(r rune) bool { return r == ',' || r == '|' }) {
		if proxy == "off" {
			return advice("go get", "GOPROXY=off forbids downloads", remedy)
		}
		if !strings.HasPrefix(proxy, "http") {
			continue // direct, or files
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(proxy, "/")+"/golang.org/x/sys/@v/list", nil)
		if err != nil {
			return advice("go get", "GOPROXY is not an address: "+err.Error(), remedy)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return advice("go get", "the module proxy does not answer: "+strings.ReplaceAll(err.Error(), proxy, "..."), remedy)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return advice("go get", "the module proxy answers "+response.Status, remedy)
		}
		return ok("go get", "the module proxy answers")
	}
	return ok("go get", "modules come from their own repositories (no proxy)")
}

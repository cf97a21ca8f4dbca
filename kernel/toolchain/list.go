package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Package is what go list prints about one.
type Package struct {
	ImportPath, Name, Export string
	Imports                  []string
	DepOnly                  bool
	Dir                      string
	EmbedPatterns            []string // of the files that it embeds
	Error                    *struct{ Err string }
}

// List compiles packages and all that they import for use in plugins, in the
// module in dir, with more flags of go list. progress may be nil.
func (h *Home) List(ctx context.Context, dir string, paths []string, progress func(done, total int), flags ...string) ([]Package, error) {
	total := 0
	if progress != nil { // count first, so that progress has a total
		out, _ := h.Toolchain.Command(ctx, dir, append([]string{"list", "-deps", "-e", "-buildmode=plugin"}, paths...)...).Output()
		total = bytes.Count(out, []byte("\n"))
		progress(0, total)
	}
	args := []string{"list", "-export", "-deps", "-v", "-buildmode=plugin", "-json=ImportPath,Name,Export,Imports,DepOnly,Dir,EmbedPatterns,Error"}
	cmd := h.Toolchain.Command(ctx, dir, slices.Concat(args, h.BuildFlags(), flags, paths)...)
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	stderr := &lineCounter{report: func(n int) {
		if progress != nil && n < total {
			progress(n, total)
		}
	}}
	cmd.Stderr = stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("compiling packages: %w", Failure(err, stderr.complaints()))
	}
	var pkgs []Package
	for dec := json.NewDecoder(&stdout); ; {
		var p Package
		err := dec.Decode(&p)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Error != nil {
			return nil, fmt.Errorf("package %s: %s", p.ImportPath, p.Error.Err)
		}
		pkgs = append(pkgs, p)
	}
	if progress != nil {
		progress(total, total)
	}
	return pkgs, nil
}

// Modules returns the version of every module that the go.mod in dir leads to,
// with what it is replaced by.
func (t *Toolchain) Modules(ctx context.Context, dir string) (map[string]string, error) {
	out, err := Output(t.Command(ctx, dir, "list", "-mod=mod", "-m", "-f", "{{.Path}} {{.Version}}{{with .Replace}} => {{.Path}} {{.Version}}{{end}}", "all"))
	if err != nil {
		return nil, err
	}
	versions := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		versions[path] = strings.TrimSpace(version)
	}
	return versions, nil
}

// lineCounter counts the lines of go list -v, which are import paths, and
// keeps the others, which are complaints.
type lineCounter struct {
	text   bytes.Buffer
	n      int
	report func(n int)
}

func (c *lineCounter) Write(p []byte) (int, error) {
	c.text.Write(p)
	if k := bytes.Count(p, []byte("\n")); k > 0 {
		c.n += k
		c.report(c.n)
	}
	return len(p), nil
}

// complaints returns the lines that do more than name a package.
func (c *lineCounter) complaints() string {
	var b strings.Builder
	for line := range strings.Lines(c.text.String()) {
		if strings.ContainsAny(strings.TrimSpace(line), " :") {
			b.WriteString(line)
		}
	}
	return b.String()
}

package complete

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"slices"
	"strings"
)

// packages reads compiled packages, each once. It is not safe for concurrent
// use, and neither are the packages: their objects are read when looked up.
type packages struct {
	fset     *token.FileSet // positions of what they declare
	archives map[string]string
	read     map[string]string // archives read so far
	imp      types.Importer
}

func newPackages() *packages {
	p := &packages{}
	p.renew()
	return p
}

func (p *packages) renew() {
	p.fset, p.read = token.NewFileSet(), map[string]string{}
	p.imp = importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) {
		file := p.archives[path]
		if file == "" {
			return nil, fmt.Errorf("package %s is not available", path)
		}
		p.read[path] = file
		return os.Open(file)
	})
}

// update replaces the archives. Packages read from an older one are forgotten.
func (p *packages) update(archives map[string]string) {
	p.archives = archives
	for path, file := range p.read {
		if archives[path] != file {
			p.renew()
			return
		}
	}
}

// Import implements types.Importer.
func (p *packages) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	return p.imp.Import(path)
}

// importPaths lists the import paths that a cell can name: of packages at hand
// and of those that need no import line.
func (c *Completer) importPaths() []string {
	all := c.packages.paths()
	for _, paths := range c.cfg.Known {
		all = append(all, paths...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// paths lists the import paths that a cell can name, of packages at hand.
func (p *packages) paths() []string {
	var all []string
	for path := range p.archives {
		if !strings.Contains("/"+path+"/", "/internal/") && !strings.HasPrefix(path, "vendor/") && !strings.HasPrefix(path, "modelbook/kernel/") {
			all = append(all, path)
		}
	}
	return all
}

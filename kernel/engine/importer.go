package engine

import (
	"fmt"
	goimporter "go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
)

// importer reads compiled packages for the type checker, each once.
type importer struct {
	types.Importer
	archive func(importPath string) string
}

func newImporter(archive func(string) string) *importer {
	i := &importer{archive: archive}
	i.renew()
	return i
}

// renew forgets the packages that were read, when archives have changed.
func (i *importer) renew() {
	i.Importer = goimporter.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		file := i.archive(path)
		if file == "" {
			return nil, fmt.Errorf("package %s is not available", path)
		}
		return os.Open(file)
	})
}

package prepare

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"modelbook/kernel/toolchain"
)

// writeTemplate makes the template of session modules: a module that requires
// what modelbook requires, and modelbook itself from home/src.
func writeTemplate(h *toolchain.Home) error {
	mod, err := os.ReadFile(filepath.Join(h.Source(), "go.mod"))
	if err != nil {
		return err
	}
	i := bytes.Index(mod, []byte("\nrequire"))
	if i < 0 {
		return errors.New("modelbook's go.mod requires nothing")
	}
	text := fmt.Sprintf("module session\n\n%s\n\nrequire modelbook v0.0.0\n\nreplace modelbook => %s\n%s",
		strings.Replace(h.Lang(), "go1", "go 1", 1), h.Source(), mod[i:])
	if err := os.MkdirAll(h.Module(), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(h.Module(), "go.mod"), []byte(text), 0o644); err != nil {
		return err
	}
	// go get needs a package in the module's folder.
	if err := os.WriteFile(filepath.Join(h.Module(), "doc.go"), []byte("// Package session holds the cells of one notebook.\npackage session\n"), 0o644); err != nil {
		return err
	}
	return copyFile(filepath.Join(h.Source(), "go.sum"), filepath.Join(h.Module(), "go.sum"))
}

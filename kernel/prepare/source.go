package prepare

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// shipped are the parts of the source tree that a home keeps a copy of: the worker,
// what cells import, and the data of the tutorials.
var shipped = []string{"go.mod", "go.sum", "internal", "dl", "plotting", "kernel/cmd/modelbook-worker", "kernel/ipywidgets", "kernel/worker", "notebooks/data"}

// sourceFiles lists the shipped files, relative to the source tree, sorted.
func sourceFiles(source string) ([]string, error) {
	var files []string
	for _, part := range shipped {
		root := filepath.Join(source, part)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if path == root && errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				return err
			}
			rel, err := filepath.Rel(source, path)
			if err != nil {
				return err
			}
			name := d.Name()
			switch {
			case d.IsDir() && (name == "testdata" || name == "gen" || strings.HasPrefix(name, ".")):
				return filepath.SkipDir
			case d.IsDir(), strings.HasSuffix(name, "_test.go"), strings.HasPrefix(name, "."), !d.Type().IsRegular():
				return nil
			}
			files = append(files, rel)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	if !slices.Contains(files, "go.mod") {
		return nil, fmt.Errorf("%s: not modelbook's source tree (no go.mod)", source)
	}
	return files, nil
}

// hashFiles hashes names and contents, and whatever else decides a build.
func hashFiles(dir string, files []string, also ...string) (string, error) {
	h := sha256.New()
	for _, s := range also {
		fmt.Fprintf(h, "%d:%s\n", len(s), s)
	}
	for _, name := range files {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		st, err := f.Stat()
		if err == nil {
			fmt.Fprintf(h, "%s %d\n", name, st.Size())
			_, err = io.Copy(h, f)
		}
		f.Close()
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// mirror makes dst hold exactly the given files of src.
func mirror(src, dst string, files []string) error {
	wanted := map[string]bool{}
	for _, name := range files {
		wanted[name] = true
		if err := copyFile(filepath.Join(src, name), filepath.Join(dst, name)); err != nil {
			return err
		}
	}
	return filepath.WalkDir(dst, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if rel, err := filepath.Rel(dst, path); err != nil || wanted[rel] {
			return err
		}
		return os.Remove(path)
	})
}

// copyFile makes dst a copy of src. An existing file is replaced, not written to:
// it may share its storage with another.
func copyFile(src, dst string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	if err := os.Remove(dst); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, st.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

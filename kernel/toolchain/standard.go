package toolchain

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// standard caches the result of Standard by GOROOT.
var standard sync.Map

// Standard lists the import paths of the standard packages that programs can
// import, by name, including those that are not compiled ahead.
func (h *Home) Standard() map[string][]string {
	root := filepath.Join(h.Toolchain.GOROOT, "src")
	if found, ok := standard.Load(root); ok {
		return found.(map[string][]string)
	}
	names := map[string][]string{}
	fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fs.SkipDir // an installation without sources
		case d.IsDir():
			switch base := d.Name(); {
			case path == ".":
			case path == "cmd", path == "builtin", base == "internal", base == "vendor", base == "testdata", base[0] == '_', base[0] == '.':
				return fs.SkipDir
			}
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if dir == "." || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		name := dir[strings.LastIndexByte(dir, '/')+1:]
		if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" { // math/rand/v2
			name = filepath.Base(filepath.Dir(dir))
		}
		if !slices.Contains(names[name], dir) {
			names[name] = append(names[name], dir)
		}
		return nil
	})
	standard.Store(root, names)
	return names
}

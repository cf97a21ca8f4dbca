package gen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Import is the path of the package that a name of generated code means, ""
// for other names.
func Import(name string) string { return packages[name] }

// Imports adds to a map, from local name to path, the packages that a piece of
// generated code uses.
func Imports(imports map[string]string, code string) {
	for name, path := range packages {
		if strings.Contains(code, name+".") {
			imports[name] = path
		}
	}
}

// ImportDecls are import declarations, on one line. The map leads from local
// name to path.
func ImportDecls(imports map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&b, "import %s %q;", name, imports[name])
	}
	return b.String()
}

package build

import (
	"fmt"
	"regexp"
)

// undefinedSymbol matches what linkers say of a symbol that nothing defines.
var undefinedSymbol = regexp.MustCompile("(?:undefined (?:symbol:?|reference to) [`'\"]?|relocation target )([^\\s`'\"]+)")

// linkError tells why a cell cannot be linked: nearly always a package that it
// imports names, with go:linkname, what another package keeps to itself.
func linkError(out string) error {
	if m := undefinedSymbol.FindStringSubmatch(out); m != nil {
		return fmt.Errorf("the cell cannot be linked: a package that it imports reaches for %s (go:linkname), which cells cannot", m[1])
	}
	return nil
}

package source

import "go/types"

// Checked is the result of a type check.
type Checked struct {
	Pkg  *types.Package
	Info *types.Info
}

package source

// A Snapshot is what a session holds, for a cell that is being written. It does
// not change, so it can be read while a cell runs.
type Snapshot struct {
	Decls []KeptDecl // oldest first
	Vars  []KeptVar  // by name
	// Imports, Hiding and Dots are like those of a Scope.
	Imports map[string]string
	Hiding  map[string]bool
	Dots    []string
}

// A KeptDecl is a declaration of a session.
type KeptDecl struct {
	Symbol
	Alias     string   // the type that an alias stands for, see Decl.AliasOf
	Names     []string // that it declares; none for a method, "_" for a constant that is gone
	Text      string   // a whole declaration
	Doc       string   // the comment above it, as written
	Cell      int
	Line, Col int // where it starts in its cell
	// Imports and Dots are the packages that it names, see Scope.Resolve.
	Imports, Dots map[string]string
	Means         map[string]Meaning // see Scope.Meanings
}

// A KeptVar is a variable of a session with its type.
type KeptVar struct {
	Name  string
	Type  string            // as Go source, packages by the names in Paths
	Shown string            // as a reader would write it
	Paths map[string]string // name to import path, of the packages in Type
}

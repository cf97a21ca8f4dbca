package hook

// Packages with a registry refuse a name that is registered already, so a cell
// that runs again, or that was edited, would fail. A hook lets a cell take over
// the names that earlier cells registered. (The flags of package flag are reset
// for every cell.)
var registryHooks = Hook{map[string]edit{
	"encoding/gob/type.go": hookGob, "expvar/expvar.go": hookExpvar, "net/http/server.go": hookHTTP, "net/rpc/server.go": hookRPC,
	"database/sql/sql.go": hookSQL, "runtime/pprof/pprof.go": hookProfiles},
	"a cell that registers something (gob.Register, http.HandleFunc, expvar.Publish) cannot run again"}

const registryHook = `

// modelbookRegister, when set, is told that a name is registered, and reports
// whether it may be: one that is taken only if an earlier cell registered it.
//
//go:linkname modelbookRegister
var modelbookRegister func(name string, taken bool) bool

func modelbookTakes(name string, taken bool) bool {
	return modelbookRegister != nil && modelbookRegister(name, taken)
}
`

// hookGob adds the hook to encoding/gob/type.go. A type that was defined again
// has the name of its predecessor.
func hookGob(source string) (hooked string, ok bool) {
	const check = "\t// Check for incompatible duplicates. The name must refer to the\n"
	hooked, ok = replaced(source, check, `	if old, taken := nameToConcreteType.Load(name); modelbookTakes(name, taken && old != ut.user) && taken {
		nameToConcreteType.Store(name, ut.user)
	}
	if old, taken := concreteTypeToName.Load(ut.base); taken && old != name && modelbookTakes(old.(string), true) {
		concreteTypeToName.Store(ut.base, name)
	}

`+check)
	return withUnsafe(hooked) + registryHook, ok
}

// hookExpvar adds the hook to expvar/expvar.go.
func hookExpvar(source string) (hooked string, ok bool) {
	hooked, ok = replaced(source, "\tif _, dup := vars.m.LoadOrStore(name, v); dup {\n", `	_, dup := vars.m.LoadOrStore(name, v)
	if modelbookTakes(name, dup) && dup {
		vars.m.Store(name, v)
		return
	}
	if dup {
`)
	return withUnsafe(hooked) + registryHook, ok
}

// hookRPC adds the hook to net/rpc/server.go.
func hookRPC(source string) (hooked string, ok bool) {
	hooked, ok = replaced(source, "\tif _, dup := server.serviceMap.LoadOrStore(sname, s); dup {\n", `	_, dup := server.serviceMap.LoadOrStore(sname, s)
	if modelbookTakes(sname, dup) && dup {
		server.serviceMap.Store(sname, s)
		return nil
	}
	if dup {
`)
	return withUnsafe(hooked) + registryHook, ok
}

// hookSQL adds the hook to database/sql/sql.go.
func hookSQL(source string) (hooked string, ok bool) {
	hooked, ok = replaced(source, "\tif _, dup := drivers[name]; dup {\n", "\tif _, dup := drivers[name]; !modelbookTakes(name, dup) && dup {\n")
	return withUnsafe(hooked) + registryHook, ok
}

// hookProfiles adds the hook to runtime/pprof/pprof.go.
func hookProfiles(source string) (hooked string, ok bool) {
	hooked, ok = replaced(source, "\tif profiles.m[name] != nil {\n", "\tif dup := profiles.m[name] != nil; !modelbookTakes(name, dup) && dup {\n")
	return withUnsafe(hooked) + registryHook, ok
}

const handlerHook = `

// modelbookReplace replaces the handler of a pattern that an earlier cell
// registered. A request that has found the old handler keeps it.
func (mux *ServeMux) modelbookReplace(p *pattern, h Handler) bool {
	n, put := &mux.tree, func(*routingNode) {}
	down := func(key string) {
		parent := n
		n = parent.findChild(key)
		put = func(leaf *routingNode) {
			if key == "" {
				parent.emptyChild = leaf
			} else if parent.children.m != nil {
				parent.children.m[key] = leaf
			} else {
				for i := range parent.children.s {
					if parent.children.s[i].key == key {
						parent.children.s[i].value = leaf
					}
				}
			}
		}
	}
	keys := []string{p.host, p.method}
	for _, seg := range p.segments {
		if seg.wild {
			keys = append(keys, "")
		} else {
			keys = append(keys, seg.s)
		}
	}
	multi := len(p.segments) > 0 && p.lastSegment().multi
	if multi {
		keys = keys[:len(keys)-1]
	}
	for _, key := range keys {
		if n != nil {
			down(key)
		}
	}
	if multi && n != nil {
		parent := n
		n, put = parent.multiChild, func(leaf *routingNode) { parent.multiChild = leaf }
	}
	taken := n != nil && n.pattern != nil
	if !modelbookTakes(fmt.Sprintf("%p %s", mux, p), taken) || !taken || n.pattern.String() != p.String() {
		return false
	}
	leaf := *n
	leaf.handler = h
	put(&leaf)
	return true
}
`

// hookHTTP adds the hook to net/http/server.go.
func hookHTTP(source string) (hooked string, ok bool) {
	const check = "\t// Check for conflict.\n\tif err := mux.index.possiblyConflictingPatterns(pat,"
	hooked, ok = replaced(source, check, "\tif mux.modelbookReplace(pat, handler) {\n\t\treturn nil\n\t}\n"+check)
	return withUnsafe(hooked) + registryHook + handlerHook, ok
}

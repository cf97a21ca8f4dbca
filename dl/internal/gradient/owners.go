package gradient

// Owners finds out which module operations belong to: those that use a module's parameters to that, others to the module
// of the operation before them.
type Owners struct {
	parameters map[any]string // by their keys
	derived    map[any]string // what is computed from parameters alone
	results    map[any]string // all other results
}

// Add says that a parameter, by its Key, is a module's.
func (o *Owners) Add(parameter any, module string) {
	if o.parameters == nil {
		o.parameters, o.derived, o.results = map[any]string{}, map[any]string{}, map[any]string{}
	}
	o.parameters[parameter] = module
}

// Reset forgets all but the parameters: the memory of results may be that of others now.
func (o *Owners) Reset() {
	clear(o.derived)
	clear(o.results)
}

// Of returns the module of an operation, of which it is told in the order of the operations, and whether the operation
// brings parameters and something else together.
func (o *Owners) Of(op Operation) (module string, uses bool) {
	own, alone := false, true
	for _, x := range op.Operands {
		name, ok := o.parameters[x]
		if !ok {
			name, ok = o.derived[x]
		}
		if ok {
			module, own = name, true
			continue
		}
		alone = false
		if before, ok := o.results[x]; ok && !own {
			module = before // the last of several: what joins them follows it
		}
	}
	switch {
	case o.parameters == nil:
	case own && alone:
		o.derived[op.Result] = module
	default:
		o.results[op.Result] = module
	}
	return module, own && !alone
}

// Result returns the module of an operation that Of was asked about, by its result.
func (o *Owners) Result(key any) string {
	if name, ok := o.derived[key]; ok {
		return name
	}
	return o.results[key]
}

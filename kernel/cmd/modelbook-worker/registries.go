package main

import (
	"sync"
	_ "unsafe" // for go:linkname
)

// These are called by packages, as the installation compiles them
// (kernel/toolchain/hook), when a program registers something under a name;
// elsewhere nothing calls them.
var (
	//go:linkname gobRegister encoding/gob.modelbookRegister
	gobRegister func(name string, taken bool) bool
	//go:linkname expvarRegister expvar.modelbookRegister
	expvarRegister func(name string, taken bool) bool
	//go:linkname httpRegister net/http.modelbookRegister
	httpRegister func(name string, taken bool) bool
	//go:linkname rpcRegister net/rpc.modelbookRegister
	rpcRegister func(name string, taken bool) bool
	//go:linkname sqlRegister database/sql.modelbookRegister
	sqlRegister func(name string, taken bool) bool
	//go:linkname pprofRegister runtime/pprof.modelbookRegister
	pprofRegister func(name string, taken bool) bool
)

// watchRegistries lets a cell register names that earlier cells have registered,
// because it may be an earlier one that runs again or was edited. Within one cell
// a name can be registered once, and names of packages are theirs for good.
func (r *runner) watchRegistries() {
	for _, hook := range []*func(string, bool) bool{&gobRegister, &expvarRegister, &httpRegister, &rpcRegister, &sqlRegister, &pprofRegister} {
		var mu sync.Mutex
		by := map[string]*run{}
		*hook = func(name string, taken bool) bool {
			mu.Lock()
			defer mu.Unlock()
			run := ofGoroutine()
			if taken && (run == nil || by[name] == nil || by[name] == run) {
				return false
			}
			by[name] = run
			return true
		}
	}
}

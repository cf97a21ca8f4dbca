package main

import (
	"sync"
	_ "unsafe" // for go:linkname
)

// Packages as the installation compiles them (kernel/toolchain/hook) ask these when a
// program registers something under a name; elsewhere nothing calls them.
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

// watchRegistries lets a cell take over the names that earlier cells have
// registered: it is run again, or was edited. Within one cell a name is taken
// when it is taken, and those of packages stay theirs.
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

package main

import (
	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/display"
)

// draw shows above a traceback what a panic value, or an error, has to show
// beside its message, such as the shapes that do not fit.
func (r *runner) draw(run *run, fault any) {
	data, metadata, ok := display.Fault(fault)
	if !ok {
		return
	}
	r.conn.handled(control.Display{Run: run.number(), Bundle: control.Bundle{Data: data, Metadata: metadata}})
}

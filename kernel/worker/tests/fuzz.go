package tests

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"modelbook/internal/place"
)

// GuardFuzz is Guard for the function of f.Fuzz, whatever its parameters.
func GuardFuzz(f any) any {
	fn := reflect.ValueOf(f)
	if fn.Kind() != reflect.Func || fn.Type().NumIn() == 0 || fn.Type().IsVariadic() {
		return f // Fuzz says what is wrong with it
	}
	return reflect.MakeFunc(fn.Type(), func(args []reflect.Value) []reflect.Value {
		if t, ok := args[0].Interface().(*testing.T); ok {
			report(t, true)
			defer func() { caught(t, recover()) }()
		}
		return fn.Call(args)
	}).Interface()
}

// cellFrames lists where in the cells a panic comes from.
func cellFrames() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var b strings.Builder
	for {
		f, more := frames.Next()
		if i := place.Index(f.File); i >= 0 {
			fmt.Fprintf(&b, "    %s:%d in %s\n", f.File[i:], f.Line, strings.TrimPrefix(f.Function, "main."))
		}
		if !more {
			return b.String()
		}
	}
}

package ipywidgets

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"
)

// An Interactive is a function with a control for each of its parameters, and
// what it has put out below them.
type Interactive struct {
	Box
	// Controls are the widgets for the parameters.
	Controls []Widget
	// Output holds what the function has printed and returned.
	Output *Output

	function reflect.Value
	controls []control

	mu    sync.Mutex // guards busy and moved
	busy  bool       // the function is at work
	moved bool       // since it was called last
}

// Interact calls a function now, and again whenever one of its arguments is
// changed on the page. What it prints and returns stands below the controls and
// is replaced each time; an error that it returns last is shown as one. While it
// is at work, further changes wait and become one call.
//
// Each parameter gets a control by its type, and by the argument for it where
// there is one:
//
//	a whole number    a slider around the argument, or from one end of a Range to the other
//	a float           the same
//	a bool            a Checkbox
//	a string          a Text
//	any type          for a slice, a Dropdown of its elements
//	                  for one of this package's widgets with a value of the type, that widget
//
// Named gives a control its label. Interact panics where a function and its
// arguments do not fit together.
func Interact(function any, arguments ...any) *Interactive {
	t := reflect.TypeOf(function)
	switch {
	case t == nil || t.Kind() != reflect.Func || reflect.ValueOf(function).IsNil():
		panic(fmt.Errorf("ipywidgets.Interact: %T is no function", function))
	case t.IsVariadic():
		panic(errors.New("ipywidgets.Interact: the function has a variable number of parameters"))
	case len(arguments) > t.NumIn():
		panic(fmt.Errorf("ipywidgets.Interact: %d arguments for %d parameters", len(arguments), t.NumIn()))
	}
	in := &Interactive{function: reflect.ValueOf(function), Output: NewOutput(), busy: true}
	for i := range t.NumIn() {
		var argument any
		if i < len(arguments) {
			argument = arguments[i]
		}
		c, err := controlFor(t.In(i), argument, i)
		if err != nil {
			panic(fmt.Errorf("ipywidgets.Interact: parameter %d, of type %v: %w", i+1, t.In(i), err))
		}
		in.controls, in.Controls = append(in.controls, c), append(in.Controls, c.Widget)
	}
	in.open("VBox", Traits{"children": append(slices.Clone(in.Controls), in.Output)})
	for _, c := range in.controls {
		c.base().watch(c.trait, func(any) { in.change() })
	}
	in.run()
	in.done()
	return in
}

// change has the function called.
func (in *Interactive) change() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.moved = true; !in.busy {
		in.busy = true
		go in.follow()
	}
}

// follow calls the function until nothing has changed meanwhile.
func (in *Interactive) follow() {
	for more := true; more; more = !in.done() {
		call(func() {
			defer func() {
				if v := recover(); v != nil {
					in.Output.turn()
					in.Output.add(func(p *page) { p.add(failed("panic", fmt.Sprint(v))) })
					panic(v)
				}
			}()
			in.run()
		})
	}
}

// done reports whether nothing has changed since the function was called.
func (in *Interactive) done() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.busy = in.moved
	return !in.busy
}

// patience is how long what was put out before is shown when nothing new is
// there.
const patience = 500 * time.Millisecond

// run calls the function and shows what it puts out.
func (in *Interactive) run() {
	in.mu.Lock()
	in.moved = false
	in.mu.Unlock()
	in.Output.begin()
	late := time.AfterFunc(patience, in.Output.turn)
	defer late.Stop()
	var arguments []reflect.Value
	for _, c := range in.controls {
		arguments = append(arguments, c.value())
	}
	var results []reflect.Value
	in.Output.Capture(func() { results = in.function.Call(arguments) })
	values := make([]any, len(results))
	for i, r := range results {
		values[i] = r.Interface()
	}
	if n := len(results); n > 0 && results[n-1].Type() == reflect.TypeFor[error]() {
		if err, _ := values[n-1].(error); err != nil {
			in.Output.add(func(p *page) { p.add(failed(fmt.Sprintf("%T", err), err.Error())) })
			values = nil
		} else {
			values = values[:n-1]
		}
	}
	in.Output.Display(values...)
	in.Output.turn()
}

// failed is an output that tells of an error.
func failed(name, value string) map[string]any {
	return map[string]any{"output_type": "error", "ename": name, "evalue": value, "traceback": []string{name + ": " + value}}
}

package mistakes

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
)

const (
	patience = 20 * time.Second // for one call, on a busy machine
	memory   = 256 << 20        // bytes that one call may take
	bases    = 3000             // tries to find right arguments
)

// An outcome is how a call ended.
type outcome struct {
	refused string // the error's text, empty when the call worked
	fault   string // what is wrong with the way it ended
}

// A tester calls and watches.
type tester struct {
	*Surface
	t      *testing.T
	calls  int
	faults map[string]int
	said   map[string]string // messages, by what they are about
	sample []metrics.Sample
	timer  *time.Timer
}

// Test calls everything. It leaves the test in a folder of its own, in which files may be made.
func (s *Surface) Test(t *testing.T) {
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s.complete(t)
	t.Chdir(t.TempDir())
	r := &tester{Surface: s, t: t, faults: map[string]int{}, said: map[string]string{}, timer: time.NewTimer(patience), sample: []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}}
	accepted := map[string][]string{}
	for _, c := range s.targets() {
		if s.Skip[c.name] == "" {
			r.every(c, accepted)
		}
	}
	t.Logf("%d calls", r.calls)
	r.log()
	s.leaveOut(t, accepted)
	compare(t, filepath.Join(folder, "testdata", "accepted.txt"), accepted)
}

// every calls a target with right arguments and with one wrong argument at a time, in every place.
func (r *tester) every(c target, accepted map[string][]string) {
	defer func() {
		if r.After != nil {
			r.After()
		}
	}()
	if of := c.of; of != nil || c.method && slices.Contains(r.Each, c.in[0]) { // each value that has the interface
		for i, g := range r.goods(c.in[0], 0) {
			r.around(c, r.pools(c, []item{g}), i == 0 || of == nil, accepted)
		}
		return
	}
	r.around(c, r.pools(c, nil), true, accepted)
}

// pools are the right values of each argument.
func (r *tester) pools(c target, receiver []item) (pools [][]item) {
	if args := r.Args[c.name]; args != nil {
		var made []any // for the call of that number: the arguments of one call belong together
		number := -1
		for i, t := range c.in {
			if i == 0 && receiver != nil {
				pools = append(pools, receiver)
				continue
			}
			pools = append(pools, []item{{"", func() reflect.Value {
				v := reflect.New(t).Elem()
				if number != r.calls {
					made, number = args(), r.calls
				}
				if len(made) != len(c.in) {
					panic(fmt.Sprintf("%d arguments in Args for %s, which takes %d", len(made), c.name, len(c.in)))
				} else if made[i] != nil {
					v.Set(reflect.ValueOf(made[i]))
				}
				return v
			}}})
		}
		return pools
	}
	for i, t := range c.in {
		p := r.goods(t, 0)
		if i == 0 && receiver != nil {
			p = receiver
		}
		pools = append(pools, p)
	}
	return pools
}

func (r *tester) around(c target, pools [][]item, record bool, accepted map[string][]string) {
	for i, p := range pools {
		if len(p) == 0 {
			r.t.Errorf("%s: the test knows no %v: add one by Good", c.name, c.in[i])
			return
		}
	}
	base, last := r.base(c, pools)
	if base == nil {
		if r.Refuses[c.name] == "" {
			r.t.Errorf("%s: the test finds no right arguments: add some to Args (%s)", c.name, last)
		}
		base = make([]item, len(pools))
		for i, p := range pools {
			base[i] = p[0]
		}
	} else if r.Refuses[c.name] != "" {
		r.t.Errorf("%s works, and is said to refuse everything", c.name)
	}
	for i, t := range c.in {
		for _, b := range r.bads(t, 0) {
			if i == 0 && c.method && b.name == "nil" && t != reflect.TypeFor[*dl.Tensor]() {
				continue // a method of nil is Go's business
			}
			args := slices.Clone(base)
			args[i] = b
			name := fmt.Sprintf("%s, %s: %s", c.name, r.parameter(c, i), b.name)
			o := r.try(name, c, args)
			if o.fault == "" && o.refused == "" && record {
				key := c.name + " " + r.parameter(c, i)
				if !r.unlisted(key) && !slices.Contains(accepted[key], b.name) {
					accepted[key] = append(accepted[key], b.name)
				}
			}
		}
	}
}

func (r *tester) parameter(c target, i int) string {
	name, _, _ := strings.Cut(c.name, "[")
	if n := r.names[name]; i < len(n) {
		return n[i]
	}
	if c.method && i == 0 { // of an embedded type
		return "receiver"
	}
	return fmt.Sprint("argument ", i)
}

// base looks for arguments that work.
func (r *tester) base(c target, pools [][]item) (args []item, last string) {
	at := make([]int, len(pools))
	for range bases {
		args = []item{}
		for i, p := range pools {
			args = append(args, p[at[i]])
		}
		o := r.try(c.name+" with right values", c, args)
		if o.fault == "" && o.refused == "" {
			return slices.Clip(args), ""
		}
		if last == "" {
			last = o.refused + o.fault
		}
		k := len(at) - 1
		for ; k >= 0; k-- {
			if at[k]++; at[k] < len(pools[k]) {
				break
			}
			at[k] = 0
		}
		if k < 0 {
			break
		}
	}
	return nil, last
}

// try calls, and fails the test when the call ends as none may.
func (r *tester) try(name string, c target, items []item) (o outcome) {
	var args []reflect.Value
	for _, i := range items {
		args = append(args, i.value())
	}
	r.calls++
	before := r.taken()
	ended := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if e := recover(); e != nil {
				o = panicked(e)
			}
			ended <- o
		}()
		for _, result := range c.call(args) {
			if err, ok := result.Interface().(error); ok && result.Type() == reflect.TypeFor[error]() {
				o.refused = err.Error()
				if o.refused == "" {
					o.fault = "returns an error without words"
				} else if strings.Contains(o.refused, "runtime error") || strings.Contains(o.refused, "reflect:") {
					o.fault = "returns the error " + o.refused
				}
				return
			}
			if result.Kind() == reflect.Func && !result.IsNil() {
				if err := iterate(result); err != nil {
					o.refused = err.Error()
					if strings.Contains(o.refused, "runtime error") {
						o.fault = "hands out the error " + o.refused
					}
					return
				}
			}
			if r.Use != nil && result.CanInterface() {
				r.Use(result.Interface())
			}
		}
	}()
	r.timer.Reset(patience)
	select {
	case o = <-ended:
		r.timer.Stop()
	case <-r.timer.C:
		o.fault = "does not end" + stack()
	}
	if took := r.taken() - before; took > memory && o.fault == "" {
		o.fault = fmt.Sprintf("takes %d MB", took>>20)
	}
	if o.refused != "" && o.fault == "" {
		if _, ok := r.said[c.name+"\t"+o.refused]; !ok {
			r.said[c.name+"\t"+o.refused] = name
		}
	}
	if o.fault != "" {
		if r.faults[c.name]++; r.faults[c.name] <= 4 {
			r.t.Errorf("%s: %s", name, o.fault)
		}
	}
	return o
}

// taken is the memory taken so far.
func (r *tester) taken() uint64 {
	metrics.Read(r.sample)
	return r.sample[0].Value.Uint64()
}

// iterate runs an iterator for a few steps, and returns an error that it hands out.
func iterate(f reflect.Value) (err error) {
	t := f.Type()
	if t.NumIn() != 1 || t.NumOut() != 0 || t.In(0).Kind() != reflect.Func || t.In(0).NumOut() != 1 || t.In(0).Out(0).Kind() != reflect.Bool {
		return nil
	}
	n := 0
	f.Call([]reflect.Value{reflect.MakeFunc(t.In(0), func(handed []reflect.Value) []reflect.Value {
		n++
		for _, v := range handed {
			if e, ok := v.Interface().(error); ok {
				err = e
			}
		}
		return []reflect.Value{reflect.ValueOf(n < 4 && err == nil)}
	})})
	return err
}

// panicked judges what a call panicked with: it must be an error of package dl that says the operation, what is wrong,
// and the line of the caller, which is in package reflect here, or in a test when the test's own function made it.
func panicked(e any) outcome {
	err, ok := e.(error)
	if _, bad := e.(runtime.Error); bad || !ok {
		return outcome{fault: fmt.Sprintf("panics with %v%s", e, where())}
	}
	o := outcome{refused: err.Error()}
	var op, detail, caller string
	var shape *dl.ShapeError
	var dtype *dl.DTypeError
	var value *dl.ValueError
	var ended *dl.EndedError
	var changed *dl.ChangedError
	var anomaly *dl.AnomalyError
	switch {
	case errors.As(err, &shape):
		op, detail, caller = shape.Op, shape.Detail, shape.Caller
	case errors.As(err, &dtype):
		op, detail, caller = dtype.Op, dtype.Detail, dtype.Caller
	case errors.As(err, &value):
		op, detail, caller = value.Op, value.Detail, value.Caller
	case errors.As(err, &ended):
		op, detail, caller = "?", "?", ended.Caller
	case errors.As(err, &changed), errors.As(err, &anomaly):
		return o
	default:
		o.fault = fmt.Sprintf("panics with %T: %v%s", e, e, where())
		return o
	}
	switch {
	case op == "":
		o.fault = "no operation in " + o.refused
	case detail == "":
		o.fault = "does not say what would be right: " + o.refused
	case !strings.HasPrefix(caller, "value.go:") && !strings.HasPrefix(caller, "makefunc.go") && !strings.Contains(caller, "_test.go:"):
		o.fault = "the caller's line is wrong: " + o.refused
	}
	return o
}

// where says the lines of this module that led to a panic.
func where() string {
	var at []string
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "modelbook/") && !strings.Contains(f.Function, "internal/mistakes") {
			at = append(at, fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line))
		}
		if !more || len(at) == 4 {
			break
		}
	}
	return " at " + strings.Join(at, " < ")
}

// stack is where the call is that does not end.
func stack() string {
	text := make([]byte, 1<<20)
	for _, g := range strings.Split(string(text[:runtime.Stack(text, true)]), "\n\n") {
		if strings.Contains(g, "mistakes.(*tester).try.func1") {
			return "\n" + g
		}
	}
	return ""
}

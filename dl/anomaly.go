package dl

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// An AnomalyError is a NaN that [DetectAnomalies] found.
type AnomalyError struct {
	Op       string   // the operation that made it
	Gradient bool     // in its gradient, and not in its result
	Layers   []string // in whose Forward the operation was, the outermost first
	Operands []string // shapes, and names of parameters
	Line     string   // file (or cell) and line of the operation
	Detail   string
}

// Error returns "Log made a NaN in a result of shape [3], none was in its
// operands [3] (cell[3]:5)".
func (e *AnomalyError) Error() string {
	var b strings.Builder
	if b.WriteString(e.Op); e.Gradient {
		b.WriteString(", backwards,")
	}
	if len(e.Layers) > 0 {
		fmt.Fprintf(&b, " in %s", strings.Join(e.Layers, " > "))
	}
	fmt.Fprintf(&b, " of %s: %s", strings.Join(e.Operands, " and "), e.Detail)
	if e.Line != "" {
		fmt.Fprintf(&b, " (%s)", e.Line)
	}
	return b.String()
}

// DetectAnomalies runs f and panics with an [AnomalyError] as soon as a recorded
// operation that f does, or a Backward in it, makes a NaN. It names the
// operation, the layers it is in, and the line. All results are looked at, so
// it is slow.
func DetectAnomalies(f func()) {
	given("DetectAnomalies", "the function", f != nil)
	s := enter()
	s.anomalies++
	defer func() {
		s.anomalies--
		s.leave()
	}()
	f()
}

func lookForAnomalies() bool {
	s := currentScope()
	return s != nil && s.anomalies > 0
}

// hasNaN reports whether a NaN is among the elements of t.
func (t *Tensor) hasNaN() bool {
	return t != nil && t.dtype.IsFloat() && device.hasNaN(t)
}

// checkForward panics if the result of r has a NaN.
func checkForward(r record) {
	h := r.head()
	h.layers = layersAround()
	if !h.out.hasNaN() {
		return
	}
	e := anomaly(r, fmt.Sprintf("a NaN was born in its result of shape %v", h.out.shape))
	for i, x := range r.operands(nil) {
		if x.hasNaN() {
			e.Detail = fmt.Sprintf("operand %d has a NaN already", i)
		}
	}
	panic(e)
}

// checkBackward panics if the gradient of an operand of r has a NaN.
func (b *sweep) checkBackward(r record) {
	for i, x := range r.operands(nil) {
		if b.wants(x) && b.current(x).hasNaN() {
			e := anomaly(r, fmt.Sprintf("a NaN was born in the gradient of operand %d", i))
			e.Gradient = true
			panic(e)
		}
	}
}

func anomaly(r record, detail string) *AnomalyError {
	h := r.head()
	e := &AnomalyError{Op: h.op, Layers: h.layers, Line: h.line, Detail: detail}
	for _, x := range r.operands(nil) {
		switch {
		case x == nil:
		case x.Name() != "":
			e.Operands = append(e.Operands, x.Name())
		default:
			e.Operands = append(e.Operands, x.shape.String())
		}
	}
	return e
}

// layersAround names the types of whose Forward methods the caller is a part,
// the outermost first.
func layersAround() (layers []string) {
	var pcs [256]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if receiver, ok := strings.CutSuffix(f.Function, ").Forward"); ok {
			name := receiver[strings.LastIndexAny(receiver, "(*")+1:]
			if pkg := receiver[strings.LastIndexByte(receiver, '/')+1:]; strings.HasPrefix(pkg, "nn.") {
				name = "nn." + name
			}
			layers = append(layers, name)
		} else if receiver, ok := strings.CutSuffix(f.Function, ".Forward"); ok && !strings.HasSuffix(f.Function, "dl.Forward") {
			layers = append(layers, receiver[strings.LastIndexByte(receiver, '/')+1:])
		}
		if !more {
			slices.Reverse(layers)
			return layers
		}
	}
}

package metric

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"modelbook/dl"
)

// wrappers are metrics that measure what another one says, each with the test of its own values.
var wrappers = map[string]string{"Weighted": "TestWeightsAreRepetitions", "Threshold": "TestLabelsOutsideOfTheClassesAreNamed"}

// Every exported metric has an example and recorded values.
func TestEveryMetricIsCovered(t *testing.T) {
	all, shown := map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if f.Recv != nil && f.Name.Name == "Start" && !strings.HasSuffix(name, "_test.go") {
				if id, ok := f.Recv.List[0].Type.(*ast.Ident); ok && id.IsExported() {
					all[id.Name] = true
				}
			}
			if strings.HasPrefix(f.Name.Name, "Example") {
				ast.Inspect(f.Body, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok {
						shown[s.Sel.Name] = true
					}
					return true
				})
			}
		}
	}
	r := readReferences(t)
	recorded := map[string]bool{}
	for _, values := range r.Values {
		for name := range values {
			recorded[reflect.TypeOf(metrics[name]).Name()] = true
		}
	}
	for _, text := range r.Text {
		for name := range text.Values {
			recorded[reflect.TypeOf(textMetrics[name]).Name()] = true
		}
	}
	for name := range all {
		if !shown[name] {
			t.Errorf("%s is in no example", name)
		}
		if !recorded[name] && wrappers[name] == "" {
			t.Errorf("%s has no recorded values: add some to testdata/metrics.py and to metrics in reference_test.go", name)
		}
	}
	if len(all) < 40 {
		t.Errorf("only %d metrics found", len(all))
	}
}

// Whatever a metric is given, it measures, or panics with an error that says what is wrong: never with an index out of
// range.
func TestMistakesAreErrors(t *testing.T) {
	r := dl.NewRand(5)
	nan := float32(math.NaN())
	tensors := []*dl.Tensor{
		dl.New(dl.Float32), dl.New(dl.Float32, 0), dl.New(dl.Float32, 0, 3), dl.New(dl.Float32, 3, 0), r.Uniforms(0, 1, 4), r.Uniforms(0, 1, 4, 1),
		r.Uniforms(0, 1, 4, 3), r.Uniforms(-3, 3, 4, 3), r.Uniforms(0, 1, 3, 4).T(), r.Uniforms(0, 1, 2, 2, 3), dl.Of([]float32{nan, nan, 0.5, 1}),
		dl.Of([]int32{0, 1, 1, 0}), dl.Of([]int64{0, 2, -1, 9}), dl.Of([]bool{true, false, true, true}), dl.Of([]int32{1, 0, 2, 1}).OneHot(3),
		dl.Full(math.NaN(), 4, 3), dl.Full(math.Inf(1), 4, 3), dl.New(dl.Float64, 4), dl.New(dl.Float16, 4, 3), dl.New(dl.Int32, 2, 2),
	}
	weights := append([]*dl.Tensor{nil}, tensors[:7]...)
	calls := 0
	try := func(name string, f func()) {
		calls++
		defer func() {
			e := recover()
			if _, ok := e.(runtime.Error); ok {
				t.Errorf("%s: %v", name, e)
			}
			err, ok := e.(error)
			var shape *dl.ShapeError
			var value *dl.ValueError
			var dtype *dl.DTypeError
			if e != nil && !(ok && (errors.As(err, &shape) || errors.As(err, &value) || errors.As(err, &dtype))) {
				t.Errorf("%s: %v", name, e)
			}
		}()
		f()
	}
	for name, m := range metrics {
		for i, p := range tensors {
			for j, y := range tensors {
				w := weights[(i+j)%len(weights)]
				try(fmt.Sprintf("%s of %v%v, %v%v", name, p.DType(), p.Shape(), y.DType(), y.Shape()), func() {
					meter := m.Start().(Weigher)
					meter.AddWeighted(p, y, w)
					meter.Value()
					if c, ok := meter.(PerClass); ok {
						c.ByClass()
					}
					if err := m.Start().(Merger).Merge(meter.(Merger).State()); err != nil {
						t.Errorf("%s does not merge its own state: %v", name, err)
					}
				})
			}
		}
	}
	if calls < 10000 {
		t.Errorf("only %d calls", calls)
	}
}

// A state comes from another machine: whatever it is, Merge returns an error or takes it.
func FuzzMerge(f *testing.F) {
	f.Add([]byte{0}, uint8(0))
	f.Add([]byte{2, 3, 1, 1, 1, 1, 1, 1, 0, 1}, uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, special uint8) {
		if len(text) > 200 {
			return
		}
		state := make([]float64, len(text))
		for i, b := range text {
			state[i] = float64(b)
		}
		if len(state) > 0 {
			state[0] = []float64{state[0], math.NaN(), math.Inf(1), -1, 1e300, 0.5, 1 << 62}[int(special)%7]
		}
		for _, m := range metrics {
			meter := m.Start().(Merger)
			if meter.Merge(state) == nil {
				meter.Value()
			}
		}
		for _, m := range textMetrics {
			meter := m.Start()
			if meter.Merge(state) == nil {
				meter.Value()
			}
		}
	})
}

// Settings that mean nothing are refused when a measurement starts.
func TestSettingsAreChecked(t *testing.T) {
	for name, start := range map[string]func(){
		"both class and average": func() { Precision{Class: Only(1), Average: Macro}.Start() },
		"samples without labels": func() { F1{Average: BySample}.Start() },
		"no such average":        func() { Recall{Average: 99}.Start() },
		"a negative Beta":        func() { FBeta{Beta: -1}.Start() },
		"negative bins":          func() { CalibrationError{Bins: -1}.Start() },
		"a negative K":           func() { NDCG{K: -2}.Start() },
		"pairs of labels":        func() { ROCAUC{OneVsOne: true, MultiLabel: true}.Start() },
		"areas by sample":        func() { AveragePrecision{MultiLabel: true, Average: BySample}.Start() },
		"no such weighting":      func() { CohenKappa{9}.Start() },
		"sequences of -1 tokens": func() { BLEU{N: -1}.Start() },
		"recall and precision":   func() { ROUGE{Recall: true, Precision: true}.Start() },
		"no references":          func() { BLEU{}.Start().Add(Words("a b")) },
		"no reference to edit":   func() { EditDistance{}.Start().Add(Words("a b")) },
		"a curve of 3 classes":   func() { ROCAUC{}.Curve(certain(3, 0, 1), dl.Of([]int32{0, 1})) },
		"a curve of class 7":     func() { ROCAUC{Class: Only(7)}.Curve(certain(3, 0, 1), dl.Of([]int32{0, 1})) },
		"a curve through NaN":    func() { AveragePrecision{}.Curve(dl.Full(math.NaN(), 2), dl.Of([]int32{0, 1})) },
		"labels that are shares": func() { measure(F1{MultiLabel: true}, certain(3, 0, 1), dl.Full(0.5, 2, 3)) },
		"negative relevance":     func() { measure(NDCG{}, certain(3, 0, 1), dl.Full(-1, 2, 3)) },
		"logits as shares":       func() { measure(LogLoss{}, dl.Full(3, 2, 3), dl.Of([]int32{0, 1})) },
	} {
		var value *dl.ValueError
		if err := dl.Try(start); !errors.As(err, &value) || !strings.Contains(err.Error(), "_test.go") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

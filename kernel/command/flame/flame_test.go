package flame

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// sampled makes a profile of stacks, written "outermost;...;innermost", of as
// many samples of 10 ms as they say. A name of a cell is written "3:name".
// Labels stand in front: "pass=forward,layer=dense|...".
func sampled(t *testing.T, stacks map[string]int64) []byte {
	t.Helper()
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}}}
	functions := map[string]*profile.Location{}
	for stack, n := range stacks {
		s := &profile.Sample{Value: []int64{n, n * 1e7}, Label: map[string][]string{}}
		if labels, rest, ok := strings.Cut(stack, "|"); ok {
			for _, l := range strings.Split(labels, ",") {
				key, value, _ := strings.Cut(l, "=")
				s.Label[key] = []string{value}
			}
			stack = rest
		}
		for _, name := range strings.Split(stack, ";") {
			l := functions[name]
			if l == nil {
				f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name, Filename: "/x/modelbook-worker/run.go"}
				if number, own, ok := strings.Cut(name, ":"); ok {
					f.Name, f.Filename = "main."+own, "/tmp/cell["+number+"]"
				}
				p.Function = append(p.Function, f)
				l = &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f, Line: 1}}}
				p.Location = append(p.Location, l)
				functions[name] = l
			}
			s.Location = append([]*profile.Location{l}, s.Location...)
		}
		p.Sample = append(p.Sample, s)
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestProfile(t *testing.T) {
	p, err := Parse(sampled(t, map[string]int64{
		"main.(*runner).run.func1;3:main;2:work;modelbook/dl.(*Tensor).MatMul;modelbook/dl/internal/gemm.Sgemm[go.shape.float32]": 60,
		"main.(*runner).run.func1;3:main;2:work;runtime.mallocgc":                                                                 20,
		"main.(*runner).run.func1;3:main;2:recursive;2:recursive":                                                                 10,
		"runtime.gcBgMarkWorker;runtime.gcDrain":                                                                                  10,
	}))
	if err != nil {
		t.Fatal(err)
	}
	const tree = ` 90.0%  cell[3]
 80.0%    work
 60.0%      dl.(*Tensor).MatMul
 60.0%        gemm.Sgemm[go.shape.float32]
 20.0%      runtime.mallocgc
 10.0%    recursive
 10.0%      recursive
 10.0%  outside of cells (garbage collection, scheduling)
 10.0%    runtime.gcBgMarkWorker
 10.0%      runtime.gcDrain`
	if got := p.Text(); got != tree {
		t.Errorf("tree\n%s\nwant\n%s", got, tree)
	}
	rows := ""
	for _, r := range p.Rows(4) {
		rows += strings.Join(r, "|") + "\n"
	}
	if want := "600 ms|60.0%|600 ms|60.0%|gemm.Sgemm[go.shape.float32]\n200 ms|20.0%|200 ms|20.0%|runtime.mallocgc\n100 ms|10.0%|100 ms|10.0%|recursive\n100 ms|10.0%|100 ms|10.0%|runtime.gcDrain\n"; rows != want {
		t.Errorf("rows\n%s\nwant\n%s", rows, want)
	}
	if p.Samples != 100 || p.Total.Seconds() != 1 {
		t.Errorf("%d samples, %v", p.Samples, p.Total)
	}
}

func TestNames(t *testing.T) {
	for _, test := range []struct {
		name, file string
		want       frame
	}{
		{"math/rand/v2.N[go.shape.int]", "rand.go", frame{"rand/v2.N[go.shape.int]", Package}},
		{"gonum.org/v1/gonum/floats.Sum", "floats.go", frame{"floats.Sum", Package}},
		{"slices.Sort[github.com/a/b.T]", "sort.go", frame{"slices.Sort[github.com/a/b.T]", Package}},
		{"runtime.mallocgc", "malloc.go", frame{"runtime.mallocgc", Runtime}},
		{"runtime.asyncPreempt", "preempt.s", frame{"", Runtime}},
		{"main.(*point).Norm", "/x/cell[3]", frame{"(*point).Norm", Cell}},
		{"main.main", "/x/cell[12]", frame{"cell[12]", Cell}},
		{"main.main.func1", "/x/cell[12]", frame{"cell[12] func literal", Cell}},
		{"main.__run", "zz_cell.go", frame{"", Cell}},
		{"main.(*runner).run.func2", "/x/modelbook-worker/run.go", frame{"", Package}},
	} {
		if got := named(&profile.Function{Name: test.name, Filename: test.file}); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// A training has a table of its layers, and these stand in the flame graph below the cell that trains: what its
// goroutine did, and what dl's workers did, whose stacks do not know the cell.
func TestLayers(t *testing.T) {
	const fit = "main.(*runner).run.func1;3:main;modelbook/dl/train.(*Trainer).Fit;modelbook/dl.Try;modelbook/dl/train.(*step).forward;"
	const worker = "modelbook/dl/internal/parallel.(*pool).worker;modelbook/dl/internal/parallel.(*pool).do;"
	const sweep = "main.(*runner).run.func1;3:main;modelbook/dl/train.(*Trainer).Fit;modelbook/dl.(*Tensor).Backward;modelbook/dl.(*sweep).run;"
	p, err := Parse(sampled(t, map[string]int64{
		"pass=forward,layer=conv2d|" + fit + "modelbook/dl/nn.(*conv).Forward;modelbook/dl.Conv2D;modelbook/dl/internal/gemm.Sgemm": 20,
		"pass=forward,layer=conv2d|" + worker + "modelbook/dl/internal/gemm.Sgemm":                                                  10,
		"pass=backward,layer=conv2d|" + sweep + "modelbook/dl.(*convRecord).backward":                                               40,
		"pass=backward,layer=dense|" + sweep + "modelbook/dl.(*affineRecord).backward":                                              10,
		"pass=optimizer and metrics|" + fit + "modelbook/dl/optim.(*Adam).Step":                                                     10,
		"main.(*runner).run.func1;3:main;2:work":                                                                                    10,
	}))
	if err != nil {
		t.Fatal(err)
	}
	const tree = `100.0%  cell[3]
 50.0%    backward
 40.0%      conv2d
 40.0%        dl.(*convRecord).backward
 10.0%      dense
 10.0%        dl.(*affineRecord).backward
 30.0%    forward
 30.0%      conv2d
 20.0%        dl.Conv2D
 20.0%          gemm.Sgemm
 10.0%        gemm.Sgemm
 10.0%    optimizer and metrics
 10.0%      optim.(*Adam).Step
 10.0%    work`
	if got := p.Text(); got != tree {
		t.Errorf("tree\n%s\nwant\n%s", got, tree)
	}
	rows := ""
	for _, r := range p.LayerRows(9) {
		rows += strings.Join(r, "|") + "\n"
	}
	if want := "300 ms|400 ms|70.0%|conv2d\n0 ms|100 ms|10.0%|dense\n100 ms||10.0%|optimizer and metrics\n"; rows != want {
		t.Errorf("rows\n%s\nwant\n%s", rows, want)
	}
	for _, f := range p.Functions {
		if f.Kind == Network {
			t.Errorf("the layer %q is among the functions", f.Name)
		}
		if f.Name == "gemm.Sgemm" && f.Flat.Milliseconds() != 300 {
			t.Errorf("the workers' time is not the function's: %+v", f)
		}
	}
	if svg := p.SVG(); !strings.Contains(svg, "layers of networks") || !strings.Contains(svg, ">conv2d<") {
		t.Errorf("picture\n%s", svg)
	}

	// A training in the background, which no cell leads to.
	p, err = Parse(sampled(t, map[string]int64{
		"pass=forward,layer=dense|modelbook/dl/train.(*Trainer).Start.func1;modelbook/dl/train.(*Trainer).Fit;modelbook/dl.Affine": 50,
		"pass=forward,layer=dense|" + worker + "modelbook/dl/internal/gemm.Sgemm":                                                  50,
	}))
	if err != nil {
		t.Fatal(err)
	}
	const background = `100.0%  a training
100.0%    forward
100.0%      dense
 50.0%        dl.Affine
 50.0%        gemm.Sgemm`
	if got := p.Text(); got != background {
		t.Errorf("tree\n%s\nwant\n%s", got, background)
	}
}

// FuzzParse checks that no bytes break the reader of profiles.
func FuzzParse(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := Parse(data); err == nil {
			p.SVG()
			p.Text()
		}
	})
}

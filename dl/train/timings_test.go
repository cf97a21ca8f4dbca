package train_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// Every layer has its time and its multiply-adds, the parts add up to the step, and the training is the same.
func TestTimings(t *testing.T) {
	_, want := fitted(t, network(t, 5))
	trainer, set := network(t, 5), pictures(20*16)
	timings := &train.Timings{Skip: 3, Steps: 10}
	if _, err := trainer.Fit(t.Context(), set, train.Options{BatchSize: 16, Epochs: 2, Validation: set, Callbacks: []train.Callback{timings}}); err != nil {
		t.Fatal(err)
	}
	for i, p := range trainer.Model.Parameters() {
		if !slices.Equal(p.Value.Float32s(), want[i]) {
			t.Errorf("parameter %d differs from that of a training that is not measured", i)
		}
	}
	if timings.Measured != 10 || timings.Step <= 0 || timings.Data < 0 || timings.Optimizer <= 0 {
		t.Errorf("%+v", timings)
	}
	profile, err := nn.ProfileOf(trainer.Model, dl.Zeros(16, 12, 12, 1))
	if err != nil {
		t.Fatal(err)
	}
	macs := map[string]int64{}
	for _, c := range profile.Layers {
		macs[c.Name] = c.MACs
	}
	sum := timings.Data + timings.Optimizer
	for _, l := range timings.Layers {
		sum += l.Forward + l.Backward
		if l.MACs != macs[l.Name] {
			t.Errorf("layer %q has %d multiply-adds, in a profile %d", l.Name, l.MACs, macs[l.Name])
		}
		if l.Name != "" && (l.Forward <= 0 || l.Backward <= 0 || l.Operations == 0) {
			t.Errorf("%+v", l)
		}
		delete(macs, l.Name)
	}
	for name, n := range macs {
		if n > 0 {
			t.Errorf("layer %q is missing", name)
		}
	}
	if sum > timings.Step {
		t.Errorf("the parts take %v, a step %v", sum, timings.Step)
	}
	text := timings.String()
	for _, want := range []string{"optimizer and metrics", "GFLOP/s", "of 10)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if !strings.Contains(timings.MimeBundle()["text/html"].(string), "<table") {
		t.Error("no table")
	}

	for _, l := range timings.Layers {
		if l.Name == "conv2d" && l.BackwardMACs != l.MACs || l.Name != "conv2d" && l.BackwardMACs != 2*l.MACs {
			t.Errorf("layer %q has %d multiply-adds backward, %d forward", l.Name, l.BackwardMACs, l.MACs)
		}
		if l.Name != "" && (l.Memory <= 0 || l.BackwardMemory <= 0 && l.Name != "conv2d") {
			t.Errorf("%+v", l)
		}
	}
	if conv := timings.Layers[slices.IndexFunc(timings.Layers, func(l train.LayerTime) bool { return l.Name == "conv2d" })]; conv.Memory < 16*10*10*32*4 {
		t.Errorf("the first layer takes %d bytes, its result alone %d", conv.Memory, 16*10*10*32*4)
	}

	graph := timings.FlameGraph() // what is in it depends on the times: see TestFlameGraphOfTimings
	if svg, ok := graph.MimeBundle()["image/svg+xml"].(string); !ok || svg != graph.SVG() || !strings.Contains(svg, "a training step: ") {
		t.Errorf("picture\n%s", svg)
	}

	checkTrace(t, timings, []string{"conv2d", "conv2d_1", "dense", "dense_1"})
}

// What was not measured says so; what fails leaves nobody observing.
func TestTimingsOfNothing(t *testing.T) {
	timings := &train.Timings{}
	if s := timings.String(); !strings.Contains(s, "nothing was measured yet") {
		t.Error(s)
	}
	for _, g := range []train.FlameGraph{{}, timings.FlameGraph(), (*train.Timings)(nil).FlameGraph()} {
		if !strings.Contains(g.String(), "no step was measured") || !strings.Contains(g.SVG(), "no step was measured") || len(g.MimeBundle()) != 1 {
			t.Error(g, g.SVG())
		}
	}
	var trace bytes.Buffer
	if err := timings.Trace(&trace); err != nil || !strings.Contains(trace.String(), `"traceEvents":[]`) {
		t.Error(err, trace.String())
	}
	for _, wrong := range []*train.Timings{nil, {Skip: -1}, {Steps: -1}} {
		if _, err := network(t, 5).Fit(t.Context(), pictures(16), train.Options{Callbacks: []train.Callback{wrong}}); err == nil || !strings.Contains(err.Error(), "nil") && !strings.Contains(err.Error(), "Timings") {
			t.Error(err)
		}
	}
	trainer, n := network(t, 5), 0
	trainer.Step = func(s *train.Step) *dl.Tensor {
		y := trainer.Model.(*nn.Model).Forward(s.Batch.X)
		if n++; n == 2 { // the first one measured
			dl.PanicValue("step", "of a test")
		}
		return y.Mean()
	}
	timings.Skip = 1
	if _, err := trainer.Fit(t.Context(), pictures(64), train.Options{BatchSize: 16, Callbacks: []train.Callback{timings}}); err == nil || timings.Measured != 0 {
		t.Error(err)
	}
	begin := time.Now()
	dl.Ones(2).RequireGrad().Sum().Backward()
	if timings.Measured != 0 || time.Since(begin) > time.Minute {
		t.Error("it is observed")
	}
}

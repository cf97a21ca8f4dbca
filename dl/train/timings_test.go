package train_test

import (
	"bytes"
	"encoding/json"
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

	var trace bytes.Buffer
	if err := timings.Trace(&trace); err != nil {
		t.Fatal(err)
	}
	var got struct {
		TraceEvents []struct {
			Name, Cat, Ph string
			Ts, Dur       float64
			Args          map[string]string
		}
	}
	if err := json.Unmarshal(trace.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for i, e := range got.TraceEvents {
		kinds[e.Cat]++
		if e.Ph != "X" || e.Dur < 0 || i > 0 && e.Ts+1e-3 < got.TraceEvents[i-1].Ts {
			t.Errorf("event %d is %+v", i, e)
		}
	}
	if kinds["data"] != 5 || kinds["optimizer"] != 5 || kinds["forward"] == 0 || kinds["backward"] == 0 {
		t.Errorf("kinds of events: %v", kinds)
	}
}

// What was not measured says so; what fails leaves nobody observing.
func TestTimingsOfNothing(t *testing.T) {
	timings := &train.Timings{}
	if s := timings.String(); !strings.Contains(s, "nothing was measured yet") {
		t.Error(s)
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

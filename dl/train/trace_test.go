package train_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"modelbook/dl/train"
)

// traced is an event of a trace, as the Trace Event Format describes it.
type traced struct {
	Name      *string         `json:"name"`
	Kind      string          `json:"cat"`
	Phase     string          `json:"ph"`
	Begin     *float64        `json:"ts"`
	Took      *float64        `json:"dur"`
	Process   *int            `json:"pid"`
	Thread    *int            `json:"tid"`
	Arguments json.RawMessage `json:"args"`
}

// checkTrace checks a trace against the Trace Event Format: an object with traceEvents and displayTimeUnit; each event
// has a name, a phase, a process and a thread; complete events have a beginning and a length in microseconds, and those
// of a thread lie in one another or side by side; metadata events say a name. Steps, layers and operations are there.
func checkTrace(t *testing.T, timings *train.Timings, layers []string) {
	t.Helper()
	var b bytes.Buffer
	if err := timings.Trace(&b); err != nil {
		t.Fatal(err)
	}
	var trace struct {
		Events []traced `json:"traceEvents"`
		Unit   string   `json:"displayTimeUnit"`
	}
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&trace); err != nil || trace.Unit != "ms" {
		t.Fatal(err, trace.Unit)
	}
	const tolerance = 1e-3 // of float64 microseconds
	kinds, names := map[string]int{}, map[string]int{}
	var open []float64 // ends of the events around
	for i, e := range trace.Events {
		if e.Name == nil || *e.Name == "" || e.Process == nil || e.Thread == nil {
			t.Fatalf("event %d lacks a name, a process or a thread: %+v", i, e)
		}
		kinds[e.Kind]++
		switch e.Phase {
		case "M":
			var named struct {
				Name string `json:"name"`
			}
			if err := json.Unmarshal(e.Arguments, &named); err != nil || named.Name == "" || *e.Name != "process_name" && *e.Name != "thread_name" {
				t.Errorf("event %d: metadata %s %s", i, *e.Name, e.Arguments)
			}
			continue
		case "X":
		default:
			t.Fatalf("event %d has the phase %q", i, e.Phase)
		}
		if e.Begin == nil || e.Took == nil || *e.Took < 0 || *e.Begin < 0 || math.IsInf(*e.Begin+*e.Took, 0) {
			t.Fatalf("event %d has no times: %+v", i, e)
		}
		names[e.Kind+" "+*e.Name]++
		for len(open) > 0 && open[len(open)-1] <= *e.Begin+tolerance {
			open = open[:len(open)-1]
		}
		end := *e.Begin + *e.Took
		if len(open) > 0 && end > open[len(open)-1]+tolerance {
			t.Errorf("event %d, %s %s, ends %v after the one around it", i, e.Kind, *e.Name, end-open[len(open)-1])
		}
		open = append(open, end)
	}
	for _, kind := range []string{"step", "data", "optimizer"} {
		if kinds[kind] != 5 {
			t.Errorf("%d events of %q, want 5", kinds[kind], kind)
		}
	}
	for step := range 5 {
		if names[fmt.Sprintf("step step %d", step+1)] != 1 {
			t.Errorf("step %d is there %d times", step+1, names[fmt.Sprintf("step step %d", step+1)])
		}
	}
	for _, l := range layers {
		for _, pass := range []string{"forward", "backward"} {
			if names[pass+" of a layer "+l] < 5 {
				t.Errorf("%s %s is there %d times in 5 steps", l, pass, names[pass+" of a layer "+l])
			}
		}
	}
	if kinds["forward"] == 0 || kinds["backward"] == 0 {
		t.Errorf("kinds of events: %v", kinds)
	}
}

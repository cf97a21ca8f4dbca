package train

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func someHistory(epochs int) *History {
	h := &History{}
	for e := 1; e <= epochs; e++ {
		h.add(e)
		h.set("loss", 1e-5/float64(e))
		h.set("accuracy", 1-0.5/float64(e))
		h.set("learning_rate", 1e-3)
		h.set("samples_per_second", 1774000.4)
	}
	return h
}

// Small losses are told apart, and what is written in a column has the same decimals.
func TestHistoryTable(t *testing.T) {
	want := strings.TrimPrefix(`
epoch       loss  accuracy  learning_rate  samples_per_second
    1      1e-05    0.5000          0.001           1,774,000
    2      5e-06    0.7500          0.001           1,774,000
    3  3.333e-06    0.8333          0.001           1,774,000`, "\n")
	if got := someHistory(3).String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A long history is shown in part; its values are all there.
func TestLongHistoryIsShownInPart(t *testing.T) {
	h := someHistory(3000)
	text := h.String()
	if lines := strings.Count(text, "\n"); lines != firstRows+1+lastRows {
		t.Errorf("%d lines", lines)
	}
	for _, want := range []string{"\n       10  ", "\n2960 more          …", "\n     2971  ", "\n     3000  "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if n := len(h.HTML()); n > 32<<10 {
		t.Errorf("%d bytes of HTML", n)
	}
	if len(h.Get("loss")) != 3000 {
		t.Error("values are lost")
	}
	if n := strings.Count(someHistory(firstRows+lastRows+1).String(), "\n"); n != firstRows+lastRows+1 {
		t.Errorf("%d lines: a single epoch is not worth leaving out", n)
	}
}

// What was not measured is told from what is not a number, also after the history was saved.
func TestNotMeasured(t *testing.T) {
	h := &History{}
	h.add(1)
	h.set("loss", math.NaN())
	h.add(2)
	h.set("loss", math.Inf(1))
	h.set("val_loss", math.NaN())
	h.add(3)
	want := strings.TrimPrefix(`
epoch  loss  val_loss
    1   NaN         -
    2   Inf       NaN
    3     -         -`, "\n")
	if got := h.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if Measured(h.Last("loss")) || Measured(h.Last("mae")) || !math.IsNaN(h.Last("mae")) {
		t.Error("the last value was measured")
	}
	text, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var again History
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if Measured(again.Get("val_loss")[0]) {
		t.Error("a saved history does not know what was not measured")
	}
}

package train

import (
	"math"
	"strings"
	"testing"

	"modelbook/dl/internal/golden"
	"modelbook/dl/metric"
)

// learned is a history of a training that overfits.
func learned(epochs int) *History {
	h := &History{}
	for e := 1; e <= epochs; e++ {
		h.add(e)
		x := float64(e)
		h.set("loss", 1/x)
		h.set("accuracy", 1-0.5/x)
		h.set("val_loss", 0.25+(x-6)*(x-6)/64)
		h.set("val_accuracy", 0.75-(x-8)*(x-8)/512)
		h.set("learning_rate", 0.001)
		h.set("seconds", 1.5)
		h.set("samples_per_second", 4000)
	}
	h.direct("accuracy", metric.LargerIsBetter)
	return h
}

// Histories look as they did when a person looked at them.
func TestHistoriesAreShown(t *testing.T) {
	broken := &History{}
	for e := 1; e <= 4; e++ {
		broken.add(e)
		broken.set("loss", []float64{2, 1, math.NaN(), math.Inf(1)}[e-1])
	}
	for name, h := range map[string]*History{"short": learned(12), "long": learned(500), "broken": broken, "empty": {}, "one": learned(1)} {
		t.Run(name, func(t *testing.T) {
			shown := h.MimeBundle()
			golden.Check(t, "history-"+name+".html", shown["text/html"].(string))
			golden.Check(t, "history-"+name+".txt", shown["text/plain"].(string))
		})
	}
}

// The best epoch is in the table, also where it is none of the first and of the last.
func TestTheBestEpochIsInTheTable(t *testing.T) {
	html, text := learned(200).EpochTable(0, 3)
	if strings.Count(text, "\n") != 6 || !strings.Contains(text, "\n       6  ") || !strings.Contains(text, "0.2500*") ||
		!strings.Contains(text, "191 more") {
		t.Errorf("%s", text)
	}
	if strings.Count(html, "★") == 0 || !strings.Contains(html, `title="the best val_loss"`) {
		t.Error(html)
	}
	if _, text := learned(2).EpochTable(-5, -5); strings.Count(text, "\n") > 4 {
		t.Error(text)
	}
}

// Names of measures are texts of a user's, and histories come from files.
func TestHostileHistory(t *testing.T) {
	const evil = "<script>alert(1)</script>\x00\u202e"
	h := &History{Epochs: []int{1, 2, 3}, Names: []string{evil, "loss", evil}, Values: map[string][]float64{evil: {1}, "loss": {1, 2, 3, 4, 5, 6}}}
	shown := h.MimeBundle()
	if html := shown["text/html"].(string); strings.Contains(html, "<script") || strings.ContainsAny(html, "\x00\u202e") {
		t.Error(html)
	}
	if text := shown["text/plain"].(string); strings.ContainsAny(text, "\x00\u202e") {
		t.Error(text)
	}
	long := learned(20_000)
	if html := long.HTML(); len(html) > 64<<10 {
		t.Errorf("%d bytes", len(html))
	}
}

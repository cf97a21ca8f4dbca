package card

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/fair"
	"modelbook/dl/internal/golden"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
)

// full is a card with everything.
func full(t testing.TB) *Card {
	model, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 4, Activation: nn.ReLU}, nn.Dense{Units: 1, Activation: nn.Sigmoid})
	if err != nil {
		t.Fatal(err)
	}
	model.Parameters()[0].Frozen = true
	report, err := fair.Measure(fair.Decisions{
		Groups:   []string{"north", "north", "north", "south", "south", "south", "south"},
		Outcomes: []bool{true, false, true, true, false, false, false},
		Scores:   []float64{0.9, 0.2, 0.7, 0.4, 0.6, 0.1, 0.3},
	}, fair.Options{Groups: []string{"west"}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	c := New("Who will leave? | v2", model)
	c.Version, c.Date, c.Summary = "2.0", "2026-11-29", "Probabilities that customers leave\nwithin 90 days."
	c.Authors, c.License, c.Language, c.Tags, c.Task = []string{"A. Baker", "B. Miller"}, "apache-2.0", []string{"en", "no"}, []string{"churn", "a: b"}, "tabular-classification"
	c.Model.Kind = "network of two layers"
	c.Environment = Environment{"go1.26.0", "linux/amd64", "v1.0.0"}
	c.Uses, c.Users = []string{"to choose who gets an offer"}, []string{"the sales office"}
	c.Misuses = []string{"to set prices", "to judge people:\nit knows customers, not persons"}
	c.Data = []Data{{"customers", "made by the recipe of this test", "cc0-1.0", 12345, "by month"}, {"survey", "a | b", "", 7, ""}}
	c.Baseline = "logistic regression of the same columns"
	how := metric.Bootstrap{}.String()
	c.Metrics = []Metric{
		{"ROC AUC", "roc_auc", metric.Interval{Value: 0.8123, Low: 0.78, High: 0.84}, &metric.Interval{Value: 0.79, Low: 0.75, High: 0.8211}, 400, how, "test"},
		{"profit, euros", "", metric.Interval{Value: 12345.6, Low: 9000.1, High: 15000}, nil, 400, how, "test"},
		{"accuracy", "", metric.Interval{Value: 0.9}, nil, 1200, "", ""},
	}
	c.Calibration = CalibrationOf(&metric.ReliabilityCurve{Probability: []float64{0.1, 0.75}, Share: []float64{0.15, 0.5}, Samples: []float64{1300, 2.5}})
	c.Calibration.Note = "Too sure of the few."
	c.Groups = []Groups{GroupsOf("region", report), {By: "size", Measures: []string{"accuracy"}, Groups: []Group{{"small", 10, []metric.Interval{{Value: 0.5, Low: 0.25, High: 0.75}}},
		{"large", 0, []metric.Interval{{Value: nan, Low: nan, High: nan}}}}}}
	c.Privacy = &Privacy{3, 1e-5, "one customer", "The table was not published."}
	c.Ethics, c.Limits = []string{"nobody loses anything by an offer"}, []string{"made anew each quarter"}
	return c
}

func TestThePage(t *testing.T) {
	golden.Check(t, "full.md", full(t).Markdown())
	little := New("little", nil)
	little.Environment = Environment{}
	golden.Check(t, "little.md", little.Markdown())
	if plain := full(t).MimeBundle(); plain["text/markdown"] != full(t).String() || strings.Contains(full(t).String(), "---\n\n#") {
		t.Error("a notebook is not shown the page without front matter")
	}
}

// What is saved is read again, to the last digit.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	c := full(t)
	for path, file := range map[string]string{dir: "who_will_leave_v2", filepath.Join(dir, "a"): "a", filepath.Join(dir, "b.md"): "b", filepath.Join(dir, "c.json"): "c"} {
		if err := c.Save(path); err != nil {
			t.Fatal(err)
		}
		for _, ending := range []string{"", ".json", ".md"} {
			back, err := Load(filepath.Join(dir, file+ending))
			if err != nil {
				t.Fatal(err)
			}
			if back.Markdown() != c.Markdown() {
				t.Errorf("%s: the page is another:\n%s", file, back.Markdown())
			}
			if !math.IsNaN(back.Groups[1].Groups[1].Values[0].Value) || back.Metrics[1].Baseline != nil || *back.Metrics[0].Baseline != *c.Metrics[0].Baseline {
				t.Errorf("%s: %+v", file, back)
			}
		}
		page, err := os.ReadFile(filepath.Join(dir, file+".md"))
		if err != nil || string(page) != c.Markdown() {
			t.Errorf("%s.md is not the page: %v", file, err)
		}
	}
}

func TestACardThatLacksWhatIsRequiredIsNotSaved(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		spoil func(c *Card)
		want  string
	}{
		"uses":             {func(c *Card) { c.Uses = nil }, "the card lacks what it is for (Uses)"},
		"blank misuses":    {func(c *Card) { c.Misuses = []string{" ", "\n"} }, "the card lacks what it must not be used for (Misuses)"},
		"data":             {func(c *Card) { c.Data = nil }, "the card lacks the data"},
		"origin":           {func(c *Card) { c.Data[1].Origin = "" }, "the card lacks the data (Data, each with Name and Origin)"},
		"metrics":          {func(c *Card) { c.Metrics = nil }, "the card lacks metrics"},
		"value":            {func(c *Card) { c.Metrics[0].Model.Value = math.NaN() }, "the card lacks metrics (Metrics, each with Name and a value)"},
		"name":             {func(c *Card) { c.Name = "" }, "the card lacks the name (Name)"},
		"all":              {func(c *Card) { *c = Card{} }, "the name (Name); what it is for (Uses); what it must not be used for (Misuses); the data (Data, each with Name and Origin); metrics"},
		"values of groups": {func(c *Card) { c.Groups[1].Groups[0].Values = nil }, `the group "small" by size has 0 values for 1 measures`},
		"examples":         {func(c *Card) { c.Metrics[2].Examples = -1 }, `the metric "accuracy" is of -1 examples`},
		"interval":         {func(c *Card) { c.Metrics[0].Model.Low = 2 }, `the interval of the metric "ROC AUC" is from 2 to 0.84`},
		"privacy":          {func(c *Card) { c.Privacy.Delta = 2 }, "a delta of 2"},
		"calibration":      {func(c *Card) { c.Calibration.Bins[0].CameTrue = math.NaN() }, "a share of NaN"},
		"model":            {func(c *Card) { c.Model.Trainable = 1 << 20 }, "1048576 of them trained"},
		"long":             {func(c *Card) { c.Summary = strings.Repeat("x", maxFile) }, "at most 4194304 are read again"},
	} {
		c := full(t)
		test.spoil(c)
		if err := c.Save(filepath.Join(dir, "card")); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("something was written: %v", left)
	}
	if err := (*Card)(nil).Save(dir); err == nil {
		t.Error("no card is saved")
	}
	if err := full(t).Save(filepath.Join(dir, "none", "card")); err == nil {
		t.Error("a card is saved in a folder that does not exist")
	}
	if m := full(t).Missing(); m != nil {
		t.Errorf("missing of a full card: %v", m)
	}
}

func TestFilesThatAreNoCards(t *testing.T) {
	good, err := json.Marshal(full(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ text, want string }{
		"empty":         {"", "it is no card in JSON: EOF"},
		"list":          {"[]", "cannot unmarshal array"},
		"unknown field": {`{"nome": "x"}`, `unknown field "nome"`},
		"unknown value": {`{"metrics": [{"model": {"mean": 1}}]}`, `unknown field "mean"`},
		"more":          {string(good) + "{}", "something follows"},
		"incomplete":    {`{"name": "x"}`, "the card lacks"},
		"negative":      {strings.Replace(string(good), `"examples":12345`, `"examples":-1`, 1), `"customers" have -1 examples`},
		"long":          {strings.Repeat(" ", maxFile+1), "longer than"},
	} {
		path := filepath.Join(t.TempDir(), "x.json")
		if err := os.WriteFile(path, []byte(test.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(unwrapped(err)) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func unwrapped(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		if os.IsNotExist(err) {
			return err
		}
		err = u.Unwrap()
	}
}

// Whatever the JSON is: it is refused, or it is a card whose page has the same sections, and which is the same when it is read
// again.
func FuzzParse(f *testing.F) {
	good, err := json.Marshal(full(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"name":"\n---\n# x","uses":["|"],"misuses":["a\r\n## b"],"data":[{"name":"x\n","origin":"\u2028"}],"metrics":[{"name":"|","model":{"value":1e308}}],"license":"no","task":"t"}`))
	f.Add([]byte(`{"name":"x","groups":[{"groups":[{"values":[{}]}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parse(text)
		if err != nil {
			return
		}
		page := c.Markdown()
		if rest, ok := strings.CutPrefix(page, "---\n"); ok {
			_, page, _ = strings.Cut(rest, "\n---\n\n")
		}
		if page != c.String() || !strings.HasPrefix(page, "# ") {
			t.Errorf("the front matter ends elsewhere:\n%s", c.Markdown())
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		back, err := parse(again)
		if err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
		if back.Markdown() != c.Markdown() {
			t.Errorf("the page is another:\n%s\n%s", c.Markdown(), back.Markdown())
		}
	})
}

func TestPiecesOfNothingPanic(t *testing.T) {
	for name, f := range map[string]func(){"GroupsOf": func() { GroupsOf("x", nil) }, "CalibrationOf": func() { CalibrationOf(nil) }, "Size": func() { Size(nil) }} {
		func() {
			defer func() {
				if _, ok := recover().(*dl.ValueError); !ok {
					t.Errorf("%s of nil does not panic with a *dl.ValueError", name)
				}
			}()
			f()
		}()
	}
}

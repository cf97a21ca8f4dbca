package preprocess

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"modelbook/dl/data/table"
)

type recording struct {
	Train, Test, Gaps, Full [][]*float64
	Results                 map[string][][]*float64
}

func recorded(t *testing.T) recording {
	t.Helper()
	b, err := os.ReadFile("testdata/preprocess.json")
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func numbers(rows [][]*float64) *table.Table {
	var columns []table.Column
	for j := range rows[0] {
		v := make([]float64, len(rows))
		for i, row := range rows {
			v[i] = math.NaN()
			if row[j] != nil {
				v[i] = *row[j]
			}
		}
		columns = append(columns, table.Floats(string(rune('a'+j)), v...))
	}
	return table.New(columns...)
}

var (
	words  = table.New(table.Strings("colour", "red", "green", "red", "blue"), table.Categories("size", "L", "S", "M", "L"))
	unseen = table.New(table.Strings("colour", "blue", "red", "green"), table.Strings("size", "S", "L", "M"))
)

func TestScikitLearn(t *testing.T) {
	r := recorded(t)
	train, test, gaps, full := numbers(r.Train), numbers(r.Test), numbers(r.Gaps), numbers(r.Full)
	cases := map[string]struct {
		step    Step
		fit, on *table.Table
	}{
		"standard": {&StandardScaler{}, train, test}, "standard no mean": {&StandardScaler{KeepMean: true}, train, test},
		"minmax": {&MinMaxScaler{}, train, test}, "minmax -1 3": {&MinMaxScaler{Low: -1, High: 3}, train, test}, "robust": {&RobustScaler{}, train, test},
		"impute mean": {&SimpleImputer{}, train, gaps}, "impute median": {&SimpleImputer{Strategy: Median}, train, gaps},
		"impute most": {&SimpleImputer{Strategy: MostFrequent}, train, gaps}, "impute constant": {&SimpleImputer{Strategy: Constant, Number: -9}, train, gaps},
		"bins": {&KBinsDiscretizer{}, full, test}, "bins uniform": {&KBinsDiscretizer{Bins: 4, Uniform: true}, full, test},
		"one hot": {&OneHotEncoder{}, words, unseen}, "one hot drop": {&OneHotEncoder{DropFirst: true}, words, unseen}, "ordinal": {&OrdinalEncoder{}, words, unseen},
	}
	if len(cases) != len(r.Results) {
		t.Errorf("%d cases, %d are recorded", len(cases), len(r.Results))
	}
	for name, c := range cases {
		if err := c.step.Fit(c.fit); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := c.step.Transform(c.on)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compare(t, name, got, r.Results[name])

		// The same after it was saved.
		p := NewPipeline(c.step)
		again, err := Parse(p.Text())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(again, p) {
			t.Errorf("%s: saved and loaded it is %v, was %v", name, again.Text(), p.Text())
		}
		if got, err = again.Transform(c.on); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compare(t, name+" loaded", got, r.Results[name])
	}
}

func compare(t *testing.T, name string, got *table.Table, want [][]*float64) {
	t.Helper()
	if got.Len() != len(want) || len(got.Columns()) != len(want[0]) {
		t.Errorf("%s: %v", name, got)
		return
	}
	for j, c := range got.Columns() {
		for i := range want {
			if v := c.Number(i); math.Abs(v-*want[i][j]) > 1e-12*max(1, math.Abs(v)) {
				t.Errorf("%s: %s in row %d is %v, want %v", name, c.Name, i, v, *want[i][j])
			}
		}
	}
}

func TestInverse(t *testing.T) {
	r := recorded(t)
	train := numbers(r.Train)
	for _, s := range []interface {
		Step
		Inverse(t *table.Table) (*table.Table, error)
	}{&StandardScaler{}, &MinMaxScaler{Low: 2, High: 5}, &RobustScaler{}} {
		if err := s.Fit(train); err != nil {
			t.Fatal(err)
		}
		there, err := s.Transform(train)
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.Inverse(there)
		if err != nil {
			t.Fatal(err)
		}
		for j, c := range back.Columns() {
			for i := range back.Len() {
				if v, w := c.Number(i), train.Columns()[j].Number(i); !(math.Abs(v-w) < 1e-9) && !(math.IsNaN(v) && math.IsNaN(w)) {
					t.Errorf("%T: %v comes back as %v", s, w, v)
				}
			}
		}
	}
}

func TestStepsThatHaveNoPartnerInScikitLearn(t *testing.T) {
	f := table.New(table.Floats("a", 0, math.E-1, math.NaN()), table.Column{Name: "n", Kind: table.Int, Ints: []int64{4, 0, 8}, Gaps: []bool{false, true, false}},
		table.Column{Name: "s", Kind: table.String, Strings: []string{"x", "", "y"}, Gaps: []bool{false, true, false}})
	p := NewPipeline(&Log{Columns: []string{"a"}}, &SimpleImputer{Strategy: MostFrequent, Columns: []string{"s"}, Indicator: true},
		&SimpleImputer{Strategy: Median, Columns: []string{"n"}}, &KBinsDiscretizer{Limits: map[string][]float64{"n": {5, 6}}}, &OneHotEncoder{Columns: []string{"n"}})
	got, err := p.FitTransform(f)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", "n_0", "n_2", "s", "s_missing"}; !slices.Equal(got.Names(), want) { // n is 4, 6, 8
		t.Fatalf("%v", got.Names())
	}
	if a := got.Column("a").Floats; a[0] != 0 || math.Abs(a[1]-1) > 1e-15 || !math.IsNaN(a[2]) {
		t.Errorf("log: %v", a)
	}
	if !slices.Equal(got.Column("s").Strings, []string{"x", "x", "y"}) || !slices.Equal(got.Column("s_missing").Bools, []bool{false, true, false}) ||
		!slices.Equal(got.Column("n_2").Ints, []int64{0, 1, 1}) {
		t.Errorf("%v", got)
	}
	if f.Row(1).Text("s") != "" || f.Row(0).Int("n") != 4 {
		t.Error("the table that was given is changed")
	}
}

func TestUnknownValues(t *testing.T) {
	other := table.New(table.Column{Name: "colour", Kind: table.String, Strings: []string{"pink", "red", ""}, Gaps: []bool{false, false, true}}, table.Strings("size", "L", "XL", "S"))
	for _, s := range []Step{&OneHotEncoder{}, &OrdinalEncoder{}} {
		if err := s.Fit(words); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Transform(other); err == nil || !strings.Contains(err.Error(), `column "colour" is "pink" in row 0`) {
			t.Errorf("%T: %v", s, err)
		}
		if _, err := s.Transform(other.Slice(1, 3).Drop("size").With(table.Strings("size", "L", "L"))); err == nil || !strings.Contains(err.Error(), "no value in row 1") {
			t.Errorf("%T: %v", s, err)
		}
	}
	hot, number := &OneHotEncoder{Unknown: true}, &OrdinalEncoder{Unknown: true}
	p := NewPipeline(hot)
	if err := p.Fit(words); err != nil {
		t.Fatal(err)
	}
	got, err := p.Transform(other)
	if err != nil || !slices.Equal(got.Column("colour_red").Ints, []int64{0, 1, 0}) || !slices.Equal(got.Column("size_L").Ints, []int64{1, 0, 0}) {
		t.Errorf("%v %v", got, err)
	}
	if err := number.Fit(words); err != nil {
		t.Fatal(err)
	}
	if got, err = number.Transform(other); err != nil || !slices.Equal(got.Column("colour").Ints, []int64{-1, 2, -1}) {
		t.Errorf("%v %v", got, err)
	}
}

func TestErrors(t *testing.T) {
	f := table.New(table.Floats("a", 1, 2, math.Inf(1)), table.Strings("s", "x", "y", "z"), table.Floats("none", math.NaN(), math.NaN(), math.NaN()), table.Floats("b", -2, 1, 2),
		table.Floats("s_x", 1, 2, 3))
	for want, s := range map[string]Step{
		`there is no column "z"`: &StandardScaler{Columns: []string{"z"}}, `"a" is infinite in row 2`: &MinMaxScaler{Columns: []string{"a"}},
		`"s" is of kind string`: &RobustScaler{Columns: []string{"s"}}, `"none" has no values`: &StandardScaler{Columns: []string{"none"}},
		"no range": &MinMaxScaler{Low: 3, High: 1}, "must be above -1": &Log{Columns: []string{"b"}}, "names none": &Log{}, "no strategy": &SimpleImputer{Strategy: "best"},
		`"none" has no values to`: &SimpleImputer{Columns: []string{"none"}, Strategy: Median}, "1 bins": &KBinsDiscretizer{Columns: []string{"b"}, Bins: 1},
		"ascending": &KBinsDiscretizer{Limits: map[string][]float64{"b": {2, 1}}}, "of kind float": &OneHotEncoder{Columns: []string{"b"}}, "named twice": &StandardScaler{Columns: []string{"b", "b"}},
	} {
		if err := s.Fit(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: %v, want %q", s, err, want)
		}
	}
	for _, s := range []Step{&StandardScaler{}, &MinMaxScaler{}, &RobustScaler{}, &OneHotEncoder{}, &OrdinalEncoder{}, &SimpleImputer{}, &KBinsDiscretizer{}} {
		if _, err := s.Transform(f); err == nil || !strings.Contains(err.Error(), "Fit comes before Transform") {
			t.Errorf("%T: %v", s, err)
		}
	}
	hot := &OneHotEncoder{Columns: []string{"s"}}
	if err := hot.Fit(f); err != nil {
		t.Fatal(err)
	}
	if _, err := hot.Transform(f); err == nil || !strings.Contains(err.Error(), `there is a column "s_x" already`) {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "p.json")
	p := NewPipeline(hot, &StandardScaler{Fitted: []Scaled{{"b", 1, 2, 0}}})
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	if again, err := Load(path); err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("%v %v", again, err)
	}
	for _, text := range []string{"", "{}", `{"Version":2}`, `{"Version":1,"Steps":[{"Kind":"Exec"}]}`, `{"Version":1,"Steps":[{"Kind":"Log","Step":{"Command":1}}]}`, `{"Version":1,"Steps":[{"Kind":"Log"}]}`} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := NewPipeline(own{}).MarshalJSON(); err == nil {
		t.Error("a step of another package is saved")
	}
}

type own struct{ Step }

func FuzzParse(f *testing.F) {
	r := NewPipeline(&StandardScaler{Fitted: []Scaled{{"a", 1, 2, 0}}}, &OneHotEncoder{Fitted: []Levels{{"s", []string{"x"}}}}, &KBinsDiscretizer{Fitted: []Edges{{"a", []float64{1}}}},
		&SimpleImputer{Fitted: []Filled{{Column: "a"}}}, &Log{Columns: []string{"a"}})
	f.Add(r.Text())
	on := table.New(table.Floats("a", 1, math.NaN()), table.Strings("s", "x", "y"))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		p.Transform(on)
		if _, err := Parse(p.Text()); err != nil {
			t.Fatalf("%q is read, but not what is written of it: %v", text, err)
		}
	})
}

func Example() {
	penguins := table.New(
		table.Floats("mass", 3750, math.NaN(), 4500, 5700),
		table.Strings("island", "Biscoe", "Dream", "Dream", "Biscoe"))
	training, test := penguins.Head(3), penguins.Tail(1)

	p := NewPipeline(&SimpleImputer{}, &StandardScaler{}, &OneHotEncoder{})
	training, err := p.FitTransform(training)
	fmt.Println(training, err)

	loaded, err := Parse(p.Text()) // as from the metadata of a file
	if err != nil {
		panic(err)
	}
	test, err = loaded.Transform(test)
	fmt.Println(test, err)
	// Output:
	//      mass  island_Biscoe  island_Dream
	// 0  -1.225              1             0
	// 1   0.000              0             1
	// 2   1.225              0             1
	// 3 rows, 3 columns <nil>
	//     mass  island_Biscoe  island_Dream
	// 0  5.144              1             0
	// 1 row, 3 columns <nil>
}

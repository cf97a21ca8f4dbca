package tune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/train"
)

var space = Space{"rate": LogUniform{Low: 1e-4, High: 1}, "units": Integers{Low: 4, High: 64, Step: 4}, "kind": Choice{"a", "b"}}

// bowl is least at rate 0.01 and 32 units, and gets nearer to its value with the budget.
func bowl(_ context.Context, t *Trial) (float64, error) {
	v := math.Pow(math.Log10(t.Float("rate"))+2, 2) + math.Pow(float64(t.Int("units"))/32-1, 2)
	if t.Text("kind") == "b" {
		v += 0.5
	}
	if t.Budget > 0 {
		v += float64(t.Seed%1000) / 1000 / float64(t.Budget)
	}
	return v, nil
}

// plain is what of a table does not tell of time.
func plain(t *Table) (rows []string) {
	for _, r := range t.Trials {
		rows = append(rows, fmt.Sprint(r.Number, r.Bracket, r.Settings, r.Status, r.Value, r.Budget, r.Fault))
	}
	return rows
}

func TestASearchDoesNotDependOnTheGoroutines(t *testing.T) {
	for _, method := range []Method{Random{Trials: 40}, Halving{Trials: 30, MaxBudget: 9}, Hyperband{MaxBudget: 9}} {
		var tables []*Table
		for _, workers := range []int{1, 3, 16} {
			table, err := Search{Space: space, Method: method, Workers: workers, Seed: 5}.Run(context.Background(), bowl)
			if err != nil {
				t.Fatal(err)
			}
			tables = append(tables, table)
		}
		for _, table := range tables[1:] {
			if !slices.Equal(plain(table), plain(tables[0])) {
				t.Errorf("%T: with more goroutines\n%v\nwith one\n%v", method, table, tables[0])
			}
		}
		other, err := Search{Space: space, Method: method, Seed: 6}.Run(context.Background(), bowl)
		if err != nil || slices.Equal(plain(other), plain(tables[0])) {
			t.Errorf("%T: another seed changes nothing, %v", method, err)
		}
		best := tables[0].Best()
		for _, r := range tables[0].Trials {
			if r.Budget == best.Budget && r.Value < best.Value {
				t.Errorf("%T: trial %d is better than the best, %d", method, r.Number, best.Number)
			}
		}
	}
}

func TestGridTriesAll(t *testing.T) {
	table, err := Search{Space: Space{"a": Choice{1, 2.5}, "b": Integers{Low: 0, High: 4, Step: 2}, "c": Choice{true, false}}, Method: Grid{},
		Direction: metric.LargerIsBetter}.Run(context.Background(), func(_ context.Context, t *Trial) (float64, error) {
		v := t.Float("a") * float64(t.Int("b"))
		if t.Bool("c") {
			v++
		}
		return v, nil
	})
	if err != nil || len(table.Trials) != 12 {
		t.Fatalf("%v, %v", table, err)
	}
	different := map[string]bool{}
	for _, r := range table.Trials {
		different[r.Settings.String()] = true
	}
	if len(different) != 12 || table.Best().Settings.String() != "a 2.5, b 4, c true" || table.Best().Value != 11 {
		t.Errorf("%v", table)
	}
}

// The brackets of Hyperband are those of its paper (table 1, R = 81, factor 3).
func TestHyperbandHasTheBracketsOfThePaper(t *testing.T) {
	brackets, err := Hyperband{MaxBudget: 81}.plan(space, dl.NewRand(1))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]rung{
		{{81, 1}, {27, 3}, {9, 9}, {3, 27}, {1, 81}}, {{34, 3}, {11, 9}, {3, 27}, {1, 81}}, {{15, 9}, {5, 27}, {1, 81}}, {{8, 27}, {2, 81}}, {{5, 81}},
	}
	for i, b := range brackets {
		if !slices.Equal(b.rungs, want[i]) || len(b.trials) != b.rungs[0].trials {
			t.Errorf("bracket %d: %v, want %v", i, b.rungs, want[i])
		}
	}
	if halving, err := (Halving{}).plan(space, dl.NewRand(1)); err != nil || !slices.Equal(halving[0].rungs, []rung{{27, 1}, {9, 3}, {3, 9}, {1, 27}}) {
		t.Errorf("halving: %v, %v", halving[0].rungs, err)
	}
}

// Of each rung the best go on, with the memory that they have.
func TestHalvingGoesOnWithTheBest(t *testing.T) {
	var mu sync.Mutex
	budgets := map[int][]int{}
	table, err := Search{Space: Space{"x": Uniform{Low: 0, High: 1}}, Method: Halving{Trials: 9, MaxBudget: 9}, Workers: 2}.Run(context.Background(),
		func(_ context.Context, t *Trial) (float64, error) {
			mu.Lock()
			defer mu.Unlock()
			done, _ := t.Memory.(int)
			if n := len(budgets[t.Number]); n > 0 && done != budgets[t.Number][n-1] {
				return 0, fmt.Errorf("the memory is %d after %v", done, budgets[t.Number])
			}
			budgets[t.Number] = append(budgets[t.Number], t.Budget)
			t.Memory = t.Budget
			return t.Float("x"), nil
		})
	if err != nil {
		t.Fatal(err)
	}
	var xs []float64
	for _, r := range table.Trials {
		xs = append(xs, r.Float("x"))
		if r.Status == Failed {
			t.Error(r.Fault)
		}
	}
	slices.Sort(xs)
	for _, r := range table.Trials {
		want := []int{1}
		switch {
		case r.Float("x") == xs[0]:
			want = []int{1, 3, 9}
		case r.Float("x") <= xs[2]:
			want = []int{1, 3}
		}
		if !slices.Equal(budgets[r.Number], want) || r.Budget != want[len(want)-1] || (r.Status == Dropped) != (len(want) < 3) {
			t.Errorf("x %v: tried with %v, want %v, %v", r.Float("x"), budgets[r.Number], want, r.Status)
		}
	}
}

// A search that was broken off anywhere goes on from there and comes to the same end.
func TestASearchIsResumed(t *testing.T) {
	search := Search{Space: space, Method: Hyperband{MaxBudget: 9}, Seed: 2, Workers: 3}
	want, err := search.Run(context.Background(), bowl)
	if err != nil {
		t.Fatal(err)
	}
	search.File = filepath.Join(t.TempDir(), "search.jsonl")
	total := 0
	for _, after := range []int{1, 7, 13, 1 << 30} {
		ctx, cancel := context.WithCancel(context.Background())
		var mu sync.Mutex
		n := 0
		table, err := search.Run(ctx, func(ctx context.Context, t *Trial) (float64, error) {
			mu.Lock()
			defer mu.Unlock()
			if n++; n == after {
				cancel()
			}
			if ctx.Err() == nil {
				total++
			}
			return bowl(ctx, t)
		})
		cancel()
		if after < 1<<30 {
			if !errors.Is(err, context.Canceled) || table == nil {
				t.Errorf("broken off after %d: %v", after, err)
			}
			file, err := os.OpenFile(search.File, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(file, `{"trial":9,"ru`) // a line that was being written
			file.Close()
			continue
		}
		if err != nil || !slices.Equal(plain(table), plain(want)) {
			t.Errorf("%v\n%v\nwant\n%v", err, table, want)
		}
	}
	measured := 0
	for _, b := range [][]rung{{{9, 1}, {3, 3}, {1, 9}}, {{5, 3}, {1, 9}}, {{3, 9}}} {
		for _, r := range b {
			measured += r.trials
		}
	}
	// What is under way when the search is broken off, three times, beside the trial that breaks it off, is measured again.
	if again := 3 * (search.Workers - 1); total < measured || total > measured+again {
		t.Errorf("%d trials were measured in all, %d to %d are needed", total, measured, measured+again)
	}
	search.Seed++
	if _, err := search.Run(context.Background(), bowl); err == nil || !strings.Contains(err.Error(), "another search") {
		t.Errorf("another seed: %v", err)
	}
	for _, text := range []string{"precious", "precious\n", "{}\n", "{\"search\":\"x\"}\nnonsense\n"} {
		if err := os.WriteFile(search.File, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := search.Run(context.Background(), bowl); err == nil {
			t.Errorf("the file %q is that of a search", text)
		}
		if after, err := os.ReadFile(search.File); err != nil || string(after) != text {
			t.Errorf("the file %q became %q, %v", text, after, err)
		}
	}
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte("{\"search\":\"x\"}\n{\"trial\":1,\"rung\":0,\"value\":\"NaN\",\"seconds\":1}\n{\"tr"))
	f.Fuzz(func(t *testing.T, text []byte) {
		j := &journal{done: map[[2]int]entry{}}
		if whole, err := j.parse(text, "x"); err == nil && (whole < 0 || whole > len(text)) {
			t.Errorf("%d of %d bytes", whole, len(text))
		}
	})
}

func TestFailuresAreSaidAndEndNothing(t *testing.T) {
	var tables []string
	table, err := Search{Space: space, Method: Random{Trials: 6}, Workers: 2, Watch: func(s Shown) { tables = append(tables, s.String()) }}.Run(context.Background(),
		func(_ context.Context, t *Trial) (float64, error) {
			switch t.Number {
			case 1:
				return 0, errors.New("out of memory")
			case 2:
				dl.Zeros(2, 3).MatMul(dl.Zeros(2, 3))
			case 3:
				return math.NaN(), nil
			}
			t.Report(7.25)
			return float64(t.Number), nil
		})
	if err != nil {
		t.Fatal(err)
	}
	if r := table.Trials; r[1].Fault != "out of memory" || !strings.Contains(r[2].Fault, "MatMul") || r[3].Value == r[3].Value || table.Best().Number != 0 {
		t.Errorf("%v", table)
	}
	if text := strings.Join(tables, "\n"); !strings.Contains(text, "7.25") || !strings.Contains(tables[len(tables)-1], "6 of 6 trials") {
		t.Errorf("%s", text)
	}
	if html := table.HTML(); !strings.Contains(html, "best") {
		t.Error(html)
	}
	_, err = Search{Space: space}.Run(context.Background(), func(context.Context, *Trial) (float64, error) { return 0, errors.New("no") })
	if err == nil || !strings.Contains(err.Error(), "all trials failed") {
		t.Errorf("all fail: %v", err)
	}
}

func TestSearchesThatMeanNothing(t *testing.T) {
	for says, s := range map[string]Search{
		"the Space is empty": {},
		"has no range":       {Space: Space{"x": nil}},
		"a Choice of noth":   {Space: Space{"x": Choice{}}},
		"of their names":     {Space: Space{"x": Choice{[]int{1}}}},
		"Uniform from":       {Space: Space{"x": Uniform{Low: 1, High: 0}}},
		"both are positive":  {Space: Space{"x": LogUniform{Low: 0, High: 1}}},
		"Integers from":      {Space: Space{"x": Integers{Low: 3, High: 1}}},
		"Grid cannot try":    {Space: space, Method: Grid{}},
		"more than 1000000":  {Space: Space{"a": Integers{High: 2000}, "b": Integers{High: 2000}}, Method: Grid{}},
		"Random with -1":     {Space: space, Method: Random{Trials: -1}},
		"Halving of":         {Space: space, Method: Halving{MinBudget: 9, MaxBudget: 3}},
		"Hyperband by 1":     {Space: space, Method: Hyperband{Factor: 1}},
		"at a time":          {Space: space, Workers: -1},
		"no direction":       {Space: space, Direction: 9},
	} {
		if _, err := s.Run(context.Background(), bowl); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
	settings := Settings{"a": 1, "b": "x"}
	for name, f := range map[string]func(){"no such": func() { settings.Float("z") }, "text": func() { settings.Float("b") },
		"int as text": func() { settings.Text("a") }, "text as int": func() { settings.Int("b") }, "bool": func() { settings.Bool("a") }} {
		var value *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if settings.Float("a") != 1 {
		t.Error("a whole number is a number")
	}
}

func TestRangesDrawWhatTheyContain(t *testing.T) {
	r := dl.NewRand(9)
	seen := map[any]bool{}
	for range 500 {
		if v := (LogUniform{Low: 1e-3, High: 1e-1}).Draw(r).(float64); v < 1e-3 || v > 1e-1 {
			t.Fatal(v)
		}
		if v := (Uniform{Low: -1, High: 1}).Draw(r).(float64); v < -1 || v > 1 {
			t.Fatal(v)
		}
		seen[Integers{Low: 2, High: 9, Step: 3}.Draw(r)] = true
		seen[Choice{"a", true}.Draw(r)] = true
	}
	if want := map[any]bool{2: true, 5: true, 8: true, "a": true, true: true}; !reflect.DeepEqual(seen, want) {
		t.Errorf("drawn: %v", seen)
	}
	if grid := (Integers{Low: 2, High: 9, Step: 3}).Grid(); !slices.Equal(grid, []any{2, 5, 8}) {
		t.Errorf("grid %v", grid)
	}
}

// Going on from a smaller budget, and beginning anew with the larger one, is the same training.
func TestASearchOfATraining(t *testing.T) {
	d := line(64)
	measure := func(ctx context.Context, t *Trial) (float64, error) {
		trainer, ok := t.Memory.(*train.Trainer)
		if !ok {
			var err error
			if trainer, err = linear(t.Float("rate")); err != nil {
				return 0, err
			}
			t.Memory = trainer
		}
		done := 0
		if trainer.History != nil {
			done = len(trainer.History.Epochs)
		}
		learn, test := data.Split(d, 0.25)
		if _, err := trainer.Fit(ctx, learn, train.Options{Epochs: t.Budget - done, Validation: test}); err != nil {
			return 0, err
		}
		return trainer.History.Last("val_loss"), nil
	}
	forgetful := func(ctx context.Context, t *Trial) (float64, error) {
		t.Memory = nil
		return measure(ctx, t)
	}
	search := Search{Space: Space{"rate": LogUniform{Low: 1e-3, High: 0.5}}, Method: Halving{Trials: 9, MaxBudget: 9}, Workers: 3, Seed: 1}
	a, err := search.Run(context.Background(), measure)
	if err != nil {
		t.Fatal(err)
	}
	b, err := search.Run(context.Background(), forgetful)
	if err != nil || !slices.Equal(plain(a), plain(b)) {
		t.Errorf("%v\n%v\n%v", err, a, b)
	}
	if best := a.Best(); best.Budget != 9 || best.Value > 0.1 {
		t.Errorf("%v", a)
	}
}

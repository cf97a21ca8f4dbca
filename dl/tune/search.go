package tune

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"modelbook/dl"
	"modelbook/dl/metric"
)

// Search tries settings and measures each with a function.
type Search struct {
	Space     Space
	Method    Method           // nil: Random{}
	Workers   int              // trials at a time; 0: 1. One of a large model uses all threads by itself: see dl.SetThreads
	Seed      uint64           // of the settings and of the trials
	Direction metric.Direction // which values are better; Undirected: SmallerIsBetter, as of a loss
	// File, if not "", keeps what has been measured: a search that was broken off goes on from there when it is run
	// again. It must be the same search.
	File  string
	Watch func(Shown) // is told when something has changed, one call at a time; plotting.LiveTable shows it
}

// Trial is one choice of settings being tried.
type Trial struct {
	Settings
	Number int
	Seed   uint64 // for the trial's own randomness: the same for each Workers
	Budget int    // how long to train in all, in epochs say, for Halving and Hyperband; else 0
	// Memory is what the function puts there, such as its Trainer, to go on where it stopped at a smaller budget. It is
	// nil when a trial begins; also at a larger budget, when the search was broken off in between.
	Memory any

	report func(float64)
}

// Report shows a value on the way, as of an epoch, in the table.
func (t *Trial) Report(value float64) {
	if t.report != nil { // of a trial that a Search tries
		t.report(value)
	}
}

// Run tries settings until the method's end. f measures a trial, with what of it depends on chance drawn from its Seed.
// A trial that fails, with an error or a panic, is said so in the table and does not end the search, unless all do.
// When ctx ends Run returns what there is, and the error of ctx.
func (s Search) Run(ctx context.Context, f func(ctx context.Context, t *Trial) (float64, error)) (*Table, error) {
	if err := s.Space.check(); err != nil {
		return nil, err
	}
	switch {
	case ctx == nil:
		return nil, errors.New("tune: the context is nil: give context.Background(), or one that can be cancelled")
	case f == nil:
		return nil, errors.New("tune: a Search needs a function that measures a trial")
	case s.Workers < 0:
		return nil, fmt.Errorf("tune: %d trials cannot be tried at a time", s.Workers)
	case s.Direction > metric.SmallerIsBetter:
		return nil, fmt.Errorf("tune: Direction(%d) is no direction", s.Direction)
	}
	if s.Method == nil {
		s.Method = Random{}
	}
	r := dl.NewRand(s.Seed)
	brackets, err := s.Method.plan(s.Space, r)
	if err != nil {
		return nil, err
	}
	run := &searching{Search: s, f: f, table: &Table{Settings: s.Space.names(), Direction: s.Direction}, begin: time.Now()}
	for b, bracket := range brackets {
		for _, settings := range bracket.trials {
			run.table.Trials = append(run.table.Trials, Row{Number: len(run.table.Trials), Bracket: b, Settings: settings, Value: math.NaN()})
			run.trials = append(run.trials, &Trial{Settings: settings, Number: len(run.trials), Seed: r.Uint64()})
		}
	}
	if s.File != "" {
		if run.journal, err = openJournal(s.File, s.fingerprint()); err != nil {
			return nil, err
		}
		defer run.journal.close()
	}
	first := 0
	for _, bracket := range brackets {
		if err = run.bracket(ctx, first, bracket); err != nil {
			break
		}
		first += len(bracket.trials)
	}
	run.change(func() { run.table.done = true })
	if err == nil && !slices.ContainsFunc(run.table.Trials, func(r Row) bool { return r.Status != Failed }) {
		err = fmt.Errorf("tune: all trials failed; the first: %s", run.table.Trials[0].Fault)
	}
	return run.table, err
}

// fingerprint tells one search from another.
func (s Search) fingerprint() string {
	text := fmt.Sprintf("%T%+v seed %d", s.Method, s.Method, s.Seed)
	for _, name := range s.Space.names() {
		text += fmt.Sprintf(" %s %T%v", name, s.Space[name], s.Space[name])
	}
	return text
}

// searching is a Search at work.
type searching struct {
	Search
	f       func(ctx context.Context, t *Trial) (float64, error)
	trials  []*Trial
	table   *Table
	journal *journal
	begin   time.Time
	mu      sync.Mutex // of the table and the journal
}

func (s *searching) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.table.Elapsed = time.Since(s.begin)
	if s.Watch != nil {
		s.Watch(s.table.clone())
	}
}

// bracket tries the trials from number first on, fewer and fewer of them.
func (s *searching) bracket(ctx context.Context, first int, b bracket) error {
	var left []int
	for i := range b.trials {
		left = append(left, first+i)
	}
	for level, rung := range b.rungs {
		if level > 0 {
			left = s.best(left, rung.trials)
		}
		err := inParallel(ctx, len(left), s.Workers, func(ctx context.Context, i int) error {
			return s.try(ctx, left[i], level, rung.budget)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// best are the n best of some trials; those that failed are none.
func (s *searching) best(trials []int, n int) []int {
	rows := s.table.Trials
	good := slices.DeleteFunc(slices.Clone(trials), func(i int) bool { return rows[i].Status == Failed })
	slices.SortStableFunc(good, func(a, b int) int {
		return cmp.Or(s.table.compare(rows[a].Value, rows[b].Value), cmp.Compare(a, b))
	})
	n = min(n, len(good))
	s.change(func() {
		for _, i := range good[n:] {
			rows[i].Status = Dropped
		}
	})
	for _, i := range good[n:] {
		s.trials[i].Memory = nil
	}
	good = good[:n]
	slices.Sort(good)
	return good
}

// try measures a trial, or reads from the file how that ended.
func (s *searching) try(ctx context.Context, i, level, budget int) error {
	row, trial := &s.table.Trials[i], s.trials[i]
	if e, ok := s.journal.find(i, level); ok {
		s.change(func() { row.finish(e, budget) })
		return nil
	}
	s.change(func() { row.Status = Running })
	trial.Budget = budget
	trial.report = func(v float64) {
		s.change(func() { row.Last, row.reported = v, true })
	}
	e := entry{Trial: i, Rung: level}
	begin := time.Now()
	var value float64
	var err error
	if fault := dl.Try(func() { value, err = s.f(ctx, trial) }); fault != nil {
		err = fault
	}
	if ctx.Err() != nil {
		s.change(func() { row.Status = Waiting })
		return context.Cause(ctx)
	}
	e.Seconds, e.Value = time.Since(begin).Seconds(), float(value)
	if err != nil {
		e.Fault, trial.Memory = err.Error(), nil
	}
	s.change(func() {
		row.finish(e, budget)
		err = s.journal.add(e)
	})
	return err
}

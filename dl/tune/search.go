package tune

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
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
	// Ranks, if not nil, are the programs that try the trials together, as those of package dist: a rank that is free gets
	// the next trial, Workers at a time on each. All call Run with the same Search and the same f, and get the same table,
	// that of one process. Rank 0 has the File and calls Watch. A trial is of one rank: its Trainer has no Ranks.
	Ranks Ranks `since:"2"`
}

// Trial is one choice of settings being tried.
type Trial struct {
	Settings
	Number int
	Seed   uint64 // for the trial's own randomness: the same for each Workers
	Budget int    // how long to train in all, in epochs say, for Halving and Hyperband; else 0
	// Memory is what the function puts there, such as its Trainer, to go on where it stopped at a smaller budget. It is
	// nil when a trial begins; also at a larger budget, when the search was broken off in between, or another rank goes on.
	Memory any

	report func(float64)
	rank   int // that tries it or did so last, and has the Memory; -1: none
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
			run.trials = append(run.trials, &Trial{Settings: settings, Number: len(run.trials), Seed: r.Uint64(), rank: -1})
		}
	}
	if !isNil(s.Ranks) && s.Ranks.Size() > 1 {
		return run.together(ctx, brackets)
	}
	return run.all(ctx, brackets)
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
	others  *others    // ranks that measure for this one; nil: none
}

// all tries all trials.
func (s *searching) all(ctx context.Context, brackets []bracket) (_ *Table, err error) {
	if s.File != "" {
		if s.journal, err = openJournal(s.File, s.fingerprint()); err != nil {
			return nil, err
		}
		defer s.journal.close()
	}
	first := 0
	for _, bracket := range brackets {
		if err = s.bracket(ctx, first, bracket); err != nil {
			break
		}
		first += len(bracket.trials)
	}
	s.change(func() { s.table.done = true })
	if err == nil && !slices.ContainsFunc(s.table.Trials, func(r Row) bool { return r.Status != Failed }) {
		err = fmt.Errorf("tune: all trials failed; the first: %s", s.table.Trials[0].Fault)
	}
	return s.table, err
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
		if err := s.rung(ctx, left, level, rung.budget); err != nil {
			return err
		}
	}
	return nil
}

// rung tries trials, but for those that the file has: what is free gets the next one. The first error ends it.
func (s *searching) rung(ctx context.Context, trials []int, level, budget int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var waiting []int
	for _, i := range trials {
		if e, ok := s.journal.find(i, level); ok {
			s.change(func() { s.table.Trials[i].finish(e, budget) })
			continue
		}
		waiting = append(waiting, i)
	}
	var free []int // ranks, as often as they can begin a trial
	for range min(max(s.Workers, 1), len(waiting)) {
		for rank := range s.others.count() + 1 {
			free = append(free, rank)
		}
	}
	ended := make(chan int)
	for running := 0; ; running-- {
		for ; len(waiting) > 0 && len(free) > 0 && ctx.Err() == nil; running++ {
			i, rank := s.match(&waiting, &free, level > 0)
			go func() {
				defer func() { ended <- rank }()
				if err := s.try(ctx, i, level, budget); err != nil {
					cancel(err)
				}
			}()
		}
		if running == 0 {
			return context.Cause(ctx)
		}
		free = append(free, <-ended)
	}
}

// match takes a trial and a free rank: where there is one that has the trial's memory, that one, or else the one that has
// been free for longest, with a trial that is new rather than one that another rank began.
func (s *searching) match(waiting, free *[]int, begun bool) (i, rank int) {
	at, of := -1, -1
	for k, i := range *waiting {
		if !begun { // none has a memory
			break
		}
		r := s.trials[i].rank
		if r < 0 && at < 0 {
			at = k
		}
		if of = slices.Index(*free, r); of >= 0 {
			at = k
			break
		}
	}
	i, rank = pull(waiting, max(at, 0)), pull(free, max(of, 0))
	if t := s.trials[i]; t.rank != rank {
		s.forget(t)
		t.rank = rank
	}
	return i, rank
}

// pull takes an element out, which is quick near the front.
func pull(list *[]int, at int) int {
	v := (*list)[at]
	copy((*list)[1:at+1], (*list)[:at])
	*list = (*list)[1:]
	return v
}

// forget lets go of what a trial keeps for a larger budget.
func (s *searching) forget(t *Trial) {
	t.Memory = nil
	if t.rank > 0 {
		s.others.drop(t.rank, t.Number)
	}
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
		s.forget(s.trials[i])
	}
	good = good[:n]
	slices.Sort(good)
	return good
}

// try measures a trial.
func (s *searching) try(ctx context.Context, i, level, budget int) error {
	row, trial := &s.table.Trials[i], s.trials[i]
	s.change(func() { row.Status = Running })
	trial.Budget = budget
	var e entry
	var err error
	if trial.rank > 0 {
		e, err = s.others.measure(ctx, trial)
	} else {
		trial.report = func(v float64) {
			s.change(func() { row.Last, row.reported = v, true })
		}
		e = s.measure(ctx, trial)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		s.change(func() { row.Status = Waiting })
		return err
	}
	e.Trial, e.Rung = i, level
	s.change(func() {
		row.finish(e, budget)
		err = s.journal.add(e)
	})
	return err
}

// measure calls the function for a trial.
func (s *searching) measure(ctx context.Context, t *Trial) (e entry) {
	begin := time.Now()
	value, err := s.call(ctx, t)
	e.Seconds, e.Value = time.Since(begin).Seconds(), float(value)
	if err != nil {
		e.Fault, t.Memory = err.Error(), nil
	}
	return e
}

// call calls the function, of which a panic is an error.
func (s *searching) call(ctx context.Context, t *Trial) (value float64, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v, at %s", v, panicked())
		}
	}()
	if fault := dl.Try(func() { value, err = s.f(ctx, t) }); fault != nil {
		err = fault
	}
	return value, err
}

// panicked is the line that panicked, for a function that recovers: the one below the first panic.
func panicked() (line string) {
	callers := make([]uintptr, 100)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	below := false
	for more := true; more; {
		var f runtime.Frame
		switch f, more = frames.Next(); {
		case f.Function == "runtime.gopanic":
			below = true
		case below && !strings.HasPrefix(f.Function, "runtime."):
			line, below = fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line), false
		}
	}
	return line
}

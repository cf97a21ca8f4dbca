package tune

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/metric"
)

// group are ranks in one process.
type group struct {
	inbox []chan packet
	mu    sync.Mutex
	round *gathering
}

type packet struct {
	from    int
	message []byte
}

type gathering struct {
	values [][]float64
	left   int
	full   chan struct{}
}

type member struct {
	*group
	rank int
}

func newGroup(n int) *group {
	g := &group{}
	for range n {
		g.inbox = append(g.inbox, make(chan packet, 1<<16))
	}
	return g
}

func (m member) Rank() int             { return m.rank }
func (m member) Size() int             { return len(m.inbox) }
func (m member) Name(r int) string     { return fmt.Sprintf("rank %d on here", r) }
func (m member) Send(to int, b []byte) { m.inbox[to] <- packet{m.rank, b} }

func (m member) Receive() (int, []byte) {
	p := <-m.inbox[m.rank]
	return p.from, p.message
}

func (m member) Gather(values []float64) [][]float64 {
	m.mu.Lock()
	if m.round == nil {
		m.round = &gathering{make([][]float64, m.Size()), m.Size(), make(chan struct{})}
	}
	round := m.round
	round.values[m.rank] = values
	if round.left--; round.left == 0 {
		m.round = nil
		close(round.full)
	}
	m.mu.Unlock()
	<-round.full
	return round.values
}

type measure = func(context.Context, *Trial) (float64, error)

// search runs a search on all ranks of a group and returns what each got. of changes it for a rank.
func (g *group) search(s Search, of func(rank int, s *Search) (context.Context, measure)) ([]*Table, []error) {
	tables, errs := make([]*Table, len(g.inbox)), make([]error, len(g.inbox))
	var all sync.WaitGroup
	for rank := range g.inbox {
		all.Go(func() {
			s := s
			s.Ranks = member{g, rank}
			ctx, f := of(rank, &s)
			tables[rank], errs[rank] = s.Run(ctx, f)
		})
	}
	all.Wait()
	for rank, c := range g.inbox {
		if len(c) > 0 {
			panic(fmt.Sprintf("a message to rank %d was not received: %s", rank, (<-c).message))
		}
	}
	return tables, errs
}

func TestRanksFindWhatOneProcessDoes(t *testing.T) {
	grid := Space{"rate": Choice{0.001, 0.01, 0.1}, "units": Integers{Low: 16, High: 64, Step: 16}, "kind": Choice{"a", "b"}}
	for _, s := range []Search{
		{Space: grid, Method: Grid{}}, {Space: space, Method: Random{Trials: 20}},
		{Space: space, Method: Halving{Trials: 30, MaxBudget: 9}}, {Space: space, Method: Hyperband{MaxBudget: 9}, Direction: metric.LargerIsBetter},
	} {
		s.Seed = 5
		want, err := s.Run(context.Background(), bowl)
		if err != nil {
			t.Fatal(err)
		}
		for ranks := 2; ranks <= 3; ranks++ {
			for s.Workers = range 3 {
				tried := make([]map[int]bool, ranks)
				tables, errs := newGroup(ranks).search(s, func(rank int, _ *Search) (context.Context, measure) {
					var mu sync.Mutex
					tried[rank] = map[int]bool{}
					return context.Background(), func(ctx context.Context, t *Trial) (float64, error) {
						mu.Lock()
						defer mu.Unlock()
						tried[rank][t.Number] = true
						return bowl(ctx, t)
					}
				})
				for rank, table := range tables {
					if errs[rank] != nil || !slices.Equal(plain(table), plain(want)) || !table.Done() || table.Elapsed != tables[0].Elapsed {
						t.Errorf("%T, rank %d of %d: %v\n%v\nwant\n%v", s.Method, rank, ranks, errs[rank], table, want)
					}
					if len(tried[rank]) == 0 {
						t.Errorf("%T: rank %d of %d tried nothing", s.Method, rank, ranks)
					}
				}
			}
		}
	}
}

// The first trial lasts until all others have been tried: nobody waits for it.
func TestAFreeRankGetsTheNextTrial(t *testing.T) {
	var others sync.WaitGroup
	others.Add(9)
	_, errs := newGroup(3).search(Search{Space: space}, func(int, *Search) (context.Context, measure) {
		return context.Background(), func(ctx context.Context, t *Trial) (float64, error) {
			if t.Number > 0 {
				others.Done()
				return 0, nil
			}
			done := make(chan struct{})
			go func() { others.Wait(); close(done) }()
			select {
			case <-done:
				return 1, nil
			case <-time.After(20 * time.Second):
				return 0, errors.New("others wait for this one")
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// A trial goes on with the memory that it has on a rank, where that one is free, and else without.
func TestTrialsGoOnWhereTheirMemoryIs(t *testing.T) {
	var mu sync.Mutex
	last := map[int][2]int{} // rank and budget, by trial
	on, anew := 0, 0
	s := Search{Space: Space{"x": Uniform{Low: 0, High: 1}}, Method: Halving{Trials: 81, MaxBudget: 81}, Seed: 3}
	tables, errs := newGroup(3).search(s, func(rank int, _ *Search) (context.Context, measure) {
		return context.Background(), func(_ context.Context, t *Trial) (float64, error) {
			mu.Lock()
			defer mu.Unlock()
			before, again := last[t.Number]
			want := any(nil)
			if again && before[0] == rank {
				want = before[1]
				on++
			} else if again {
				anew++
			}
			if want == nil && t.Budget == 81 { // the last trial, when all ranks are free
				return 0, errors.New("not where its memory is")
			}
			if t.Memory != want {
				return 0, fmt.Errorf("on rank %d with the memory %v after %v", rank, t.Memory, before)
			}
			last[t.Number] = [2]int{rank, t.Budget}
			t.Memory = t.Budget
			return t.Float("x"), nil
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, r := range tables[1].Trials {
		if r.Fault != "" {
			t.Errorf("trial %d: %s", r.Number, r.Fault)
		}
	}
	if on == 0 || on+anew != 27+9+3+1 {
		t.Errorf("%d times a trial went on where its memory was, %d times elsewhere", on, anew)
	}
}

func TestFailuresOnRanksAreSaidAndEndNothing(t *testing.T) {
	f := func(_ context.Context, t *Trial) (float64, error) {
		switch t.Number {
		case 1:
			return 0, errors.New("out of memory")
		case 2:
			dl.Zeros(2, 3).MatMul(dl.Zeros(2, 3))
		case 3:
			var none []float64
			return none[t.Number], nil
		case 4:
			panic("no paper")
		}
		t.Report(7.25)
		return float64(t.Number), nil
	}
	s := Search{Space: space, Method: Random{Trials: 8}}
	want, err := s.Run(context.Background(), f)
	if err != nil || !strings.HasPrefix(want.Trials[3].Fault, "panic: runtime error: index out of range [3] with length 0, at ranks_test.go:") {
		t.Fatal(err, want.Trials[3].Fault)
	}
	var watched []string
	tables, errs := newGroup(2).search(s, func(rank int, s *Search) (context.Context, measure) {
		s.Watch = func(shown Shown) { watched = append(watched, shown.String()) }
		if rank > 0 {
			s.Watch = func(Shown) { t.Errorf("rank %d shows the table", rank) }
		}
		return context.Background(), func(ctx context.Context, t *Trial) (float64, error) {
			if rank > 0 {
				t.Report(9.75)
			}
			return f(ctx, t)
		}
	})
	for rank, table := range tables {
		if errs[rank] != nil || !slices.Equal(plain(table), plain(want)) {
			t.Errorf("rank %d: %v\n%v\nwant\n%v", rank, errs[rank], table, want)
		}
	}
	if text := strings.Join(watched, "\n"); !strings.Contains(text, "9.75") || !strings.Contains(text, "running") {
		t.Errorf("shown on rank 0: %s", text)
	}
	_, errs = newGroup(2).search(s, func(int, *Search) (context.Context, measure) {
		return context.Background(), func(context.Context, *Trial) (float64, error) { return 0, errors.New("no") }
	})
	for _, err := range errs {
		if err == nil || err.Error() != "tune: all trials failed; the first: no" {
			t.Errorf("all fail: %v", err)
		}
	}
}

// The end of a context on one rank ends the search on all, also trials that run, and another search can follow.
func TestAnInterruptOfOneRankEndsTheSearch(t *testing.T) {
	g := newGroup(3)
	for interrupted := range 3 {
		began := make(chan int, 3)
		tables, errs := g.search(Search{Space: space}, func(rank int, _ *Search) (context.Context, measure) {
			ctx, cancel := context.WithCancel(context.Background())
			if rank == interrupted {
				go func() {
					for range 3 {
						<-began
					}
					cancel()
				}()
			} else {
				t.Cleanup(cancel)
			}
			return ctx, func(ctx context.Context, _ *Trial) (float64, error) {
				began <- rank
				<-ctx.Done()
				return 0, ctx.Err()
			}
		})
		for rank, err := range errs {
			if !errors.Is(err, context.Canceled) || tables[rank] == nil || tables[rank].Trials[0].Status != Waiting {
				t.Errorf("rank %d: %v\n%v", rank, err, tables[rank])
			}
			if says := fmt.Sprintf("rank %d on here ended", interrupted); interrupted > 0 && rank != interrupted && !strings.Contains(err.Error(), says) {
				t.Errorf("rank %d: %v, want %q", rank, err, says)
			}
		}
	}
	if _, errs := g.search(Search{Space: space}, func(int, *Search) (context.Context, measure) { return context.Background(), bowl }); errors.Join(errs...) != nil {
		t.Error(errs)
	}
}

func TestRanksAgreeOnTheSearch(t *testing.T) {
	_, errs := newGroup(2).search(Search{Space: space}, func(rank int, s *Search) (context.Context, measure) {
		s.Seed = uint64(rank)
		return context.Background(), bowl
	})
	for rank, err := range errs {
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("rank %d on here searches something else than rank %d", 1-rank, rank)) {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
	_, errs = newGroup(2).search(Search{Space: space, File: t.TempDir()}, func(int, *Search) (context.Context, measure) { return context.Background(), bowl })
	for rank, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "is a directory") {
			t.Errorf("the file is a folder, rank %d: %v", rank, err)
		}
	}
}

func TestASearchOnRanksIsResumed(t *testing.T) {
	s := Search{Space: space, Method: Hyperband{MaxBudget: 9}, Seed: 2}
	want, err := s.Run(context.Background(), bowl)
	if err != nil {
		t.Fatal(err)
	}
	s.File = filepath.Join(t.TempDir(), "search.jsonl")
	for _, after := range []int{3, 9, 1 << 30} {
		ctx, cancel := context.WithCancel(context.Background())
		var mu sync.Mutex
		n := 0
		tables, errs := newGroup(3).search(s, func(int, *Search) (context.Context, measure) {
			return ctx, func(ctx context.Context, t *Trial) (float64, error) {
				mu.Lock()
				defer mu.Unlock()
				if n++; n == after {
					cancel()
				}
				return bowl(ctx, t)
			}
		})
		cancel()
		for rank, table := range tables {
			if after < 1<<30 && !errors.Is(errs[rank], context.Canceled) {
				t.Errorf("broken off: %v", errs[rank])
			}
			if after == 1<<30 && (errs[rank] != nil || !slices.Equal(plain(table), plain(want))) {
				t.Errorf("%v\n%v\nwant\n%v", errs[rank], table, want)
			}
		}
	}
}

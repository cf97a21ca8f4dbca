package tune

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"time"
)

// Ranks are programs that try the trials of one search together, such as those of package dist. All of them call Run of
// the same Search, with functions that measure alike.
type Ranks interface {
	Rank() int // this program's number, from 0
	Size() int // how many there are
	// Name says which rank it is and on which machine, for messages.
	Name(rank int) string
	// Gather returns the values of all ranks, in their order, on each of them.
	Gather(values []float64) [][]float64
	// Send sends a message to another rank, where those of this one arrive in their order. Several goroutines may call it,
	// also while another one receives.
	Send(to int, message []byte)
	// Receive waits for the next message of any rank.
	Receive() (from int, message []byte)
}

// message is what ranks say to each other, as JSON.
type message struct {
	Kind    kind          `json:"kind"`
	Trial   int           `json:"trial,omitempty"`
	Budget  int           `json:"budget,omitempty"`
	Forget  []int         `json:"forget,omitempty"` // trials that do not go on here
	Value   float         `json:"value,omitempty"`
	Seconds float64       `json:"seconds,omitempty"`
	Fault   string        `json:"fault,omitempty"`
	Ended   ending        `json:"ended,omitzero"`
	Rows    []outcome     `json:"rows,omitempty"`
	Elapsed time.Duration `json:"elapsed,omitempty"`
}

type kind string

const (
	// Of rank 0 to the others.
	try  kind = "try"  // a trial, and answer
	stop kind = "stop" // a trial that is being tried
	over kind = "over" // the search is: these are its results
	// Of the others to rank 0.
	report kind = "report" // a value on the way
	answer kind = "answer" // how a trial ended
	quit   kind = "quit"   // this rank's context has ended
	bye    kind = "bye"    // the last message of a search
)

// outcome is what others find out about a trial.
type outcome struct {
	Status  Status  `json:"status"`
	Value   float   `json:"value"`
	Budget  int     `json:"budget"`
	Seconds float64 `json:"seconds"`
	Fault   string  `json:"fault,omitempty"`
}

// ending is an error that ends a search, and whether it is that of a context.
type ending struct {
	Text     string `json:"text,omitempty"`
	Canceled bool   `json:"canceled,omitempty"`
	Deadline bool   `json:"deadline,omitempty"`
}

func endingOf(err error) (e ending) {
	if err != nil {
		e = ending{err.Error(), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded)}
	}
	return e
}

func (e *ending) Error() string { return e.Text }

func (e *ending) Is(target error) bool {
	return e.Canceled && target == context.Canceled || e.Deadline && target == context.DeadlineExceeded
}

func send(r Ranks, to int, m message) {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // everything in a message can be written
	}
	r.Send(to, text)
}

func receive(r Ranks) (from int, m message) {
	from, text := r.Receive()
	if err := json.Unmarshal(text, &m); err != nil {
		panic(fmt.Sprintf("tune: a message of %s, which may be another program: %v", r.Name(from), err))
	}
	return from, m
}

// together tries the trials on all ranks: rank 0 hands them out, and all return the same table.
func (s *searching) together(ctx context.Context, brackets []bracket) (*Table, error) {
	r := s.Ranks
	sum := crc32.ChecksumIEEE(fmt.Append(nil, s.fingerprint(), s.Direction))
	for rank, sums := range r.Gather([]float64{float64(sum)}) {
		if sums[0] != float64(sum) {
			return nil, fmt.Errorf("tune: %s searches something else than %s: all ranks must run the same Search", r.Name(rank), r.Name(r.Rank()))
		}
	}
	if r.Rank() > 0 {
		return s.follow(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.others = &others{Ranks: r, answers: map[int]chan<- message{}, forget: make([][]int, r.Size())}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.listen(cancel)
	}()
	table, err := s.all(ctx, brackets)
	last := message{Kind: over, Ended: endingOf(err)}
	if table != nil {
		last.Elapsed = table.Elapsed
		for _, row := range table.Trials {
			last.Rows = append(last.Rows, outcome{row.Status, float(row.Value), row.Budget, row.Seconds, row.Fault})
		}
	}
	for rank := 1; rank < r.Size(); rank++ {
		send(r, rank, last)
	}
	<-done
	return table, err
}

// others are the ranks that rank 0 hands trials to.
type others struct {
	Ranks
	mu      sync.Mutex
	answers map[int]chan<- message // by trial
	forget  [][]int                // by rank
}

// listen receives what the other ranks say until none will say more.
func (s *searching) listen(cancel context.CancelCauseFunc) {
	o := s.others
	for left := o.Size() - 1; left > 0; {
		from, m := receive(o)
		switch m.Kind {
		case report:
			row := &s.table.Trials[m.Trial]
			s.change(func() { row.Last, row.reported = float64(m.Value), true })
		case answer:
			o.mu.Lock()
			o.answers[m.Trial] <- m
			o.mu.Unlock()
		case quit:
			cancel(o.ended(from, m))
		case bye:
			left--
		}
	}
}

// count is how many others there are.
func (o *others) count() int {
	if o == nil {
		return 0
	}
	return o.Size() - 1
}

// measure has the trial's rank try it, and tells that one when ctx ends.
func (o *others) measure(ctx context.Context, t *Trial) (entry, error) {
	c := make(chan message, 1)
	o.mu.Lock()
	o.answers[t.Number] = c
	m := message{Kind: try, Trial: t.Number, Budget: t.Budget, Forget: o.forget[t.rank]}
	o.forget[t.rank] = nil
	o.mu.Unlock()
	send(o, t.rank, m)
	told := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		send(o, t.rank, message{Kind: stop, Trial: t.Number})
		close(told)
	})
	m = <-c
	if !cancel() {
		<-told // nothing is said after the search
	}
	return entry{Value: m.Value, Seconds: m.Seconds, Fault: m.Fault}, o.ended(t.rank, m)
}

// ended is the error of a rank whose context has ended.
func (o *others) ended(rank int, m message) error {
	if m.Ended == (ending{}) {
		return nil
	}
	return fmt.Errorf("tune: %s ended the search: %w", o.Name(rank), &m.Ended)
}

// drop has a rank forget a trial, before it tries another.
func (o *others) drop(rank, trial int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forget[rank] = append(o.forget[rank], trial)
}

// follow tries what rank 0 hands out until the search is over.
func (s *searching) follow(ctx context.Context) (*Table, error) {
	r := s.Ranks
	told := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		send(r, 0, message{Kind: quit, Ended: endingOf(context.Cause(ctx))})
		close(told)
	})
	var trials sync.WaitGroup
	running := map[int]context.CancelFunc{}
	for {
		switch _, m := receive(r); m.Kind {
		case try:
			for _, i := range m.Forget {
				s.trials[i].Memory = nil
			}
			ctx, cancel := context.WithCancel(ctx)
			running[m.Trial] = cancel
			trials.Go(func() {
				defer cancel()
				s.answer(ctx, m)
			})
		case stop:
			running[m.Trial]()
		case over:
			trials.Wait()
			if !cancel() {
				<-told
			}
			send(r, 0, message{Kind: bye})
			return s.results(ctx, m)
		}
	}
}

// answer tries a trial for rank 0.
func (s *searching) answer(ctx context.Context, m message) {
	t := s.trials[m.Trial]
	t.Budget = m.Budget
	t.report = func(v float64) { send(s.Ranks, 0, message{Kind: report, Trial: t.Number, Value: float(v)}) }
	e := s.measure(ctx, t)
	send(s.Ranks, 0, message{Kind: answer, Trial: t.Number, Value: e.Value, Seconds: e.Seconds, Fault: e.Fault, Ended: endingOf(ctx.Err())})
}

// results are those of rank 0.
func (s *searching) results(ctx context.Context, m message) (*Table, error) {
	var err error
	switch {
	case m.Ended == ending{}:
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	default:
		err = &m.Ended
	}
	if m.Rows == nil {
		return nil, err
	}
	for i, o := range m.Rows {
		row := &s.table.Trials[i]
		row.Status, row.Value, row.Budget, row.Seconds, row.Fault = o.Status, float64(o.Value), o.Budget, o.Seconds, o.Fault
	}
	s.table.Elapsed, s.table.done = m.Elapsed, true
	return s.table, err
}

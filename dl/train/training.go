package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"modelbook/dl/data"
	"modelbook/dl/metric"
)

// Training is a Fit that [Trainer.Start] began, and that goes on while other things are done: its methods look at it
// and steer it, from any goroutine, until it is over and after that.
type Training struct {
	trainer *Trainer
	orders  chan order
	done    chan struct{}

	mu      sync.Mutex
	status  Status
	paused  bool
	history *History // and err: what Fit returned
	err     error
}

// Status is how far a training is.
type Status struct {
	Epoch, Epochs    int            // the number of the current epoch and that of the last one, from 1
	Step, Steps      int            // batches done in this epoch, and batches in an epoch (0: not known)
	Loss             float64        // over the epoch so far; NotMeasured, a NaN, before the first batch
	Metrics          []metric.Value // over the epoch so far
	Rate             float64        // the optimizer's learning rate
	SamplesPerSecond float64
	Elapsed          time.Duration // pauses left out
	Remaining        time.Duration // estimate; 0 while unknown
	Paused           bool
	Done             bool   // the training is over
	Stopped          string // why it was stopped before its last epoch, or ""
	Err              error  // why it failed or was cancelled, or nil
}

// errOver says that there is no training any more to do something in.
var errOver = errors.New("train: the training is over")

// errUnbegun says that a Training is none that Start began.
var errUnbegun = errors.New("train: the Training has not begun: make it by Trainer.Start")

// order is something to be done between two batches.
type order struct {
	f     func(run *Run) error
	reply chan error // of one element
}

// Start begins a [Trainer.Fit] in a goroutine of its own and returns at once. In a notebook the cell is over, callbacks
// such as plotting.Live go on in its output, and other cells look at the training, change the learning rate, pause and
// stop it. What can be seen to be wrong before the first batch is an error of Start; all else is one of Wait.
func (t *Trainer) Start(ctx context.Context, d data.Dataset, o Options) (*Training, error) {
	if err := givenContext(ctx); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	if _, _, err := t.parts(d, o); err != nil {
		return nil, err
	}
	g := &Training{trainer: t, orders: make(chan order), done: make(chan struct{})}
	started := make(chan error, 1)
	o.Callbacks = append(slices.Clone(o.Callbacks), steering{g, ctx, started})
	go func() {
		err := errors.New("train: the training panicked")
		defer func() { // after a panic, too: nobody waits for it in vain
			g.end(err)
			select {
			case started <- err: // it never came to its first epoch
			default:
			}
		}()
		_, err = t.Fit(ctx, d, o)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return g, nil
}

func (g *Training) end(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.history, g.err = g.trainer.History, err
	g.status.Done, g.status.Err, g.status.Paused = true, err, false
	close(g.done)
}

// Do lets f look at the training, or change it, between two batches: nothing else changes the model meanwhile. It waits
// for f and returns its error; what f panics with is an error, too. f must not call methods of the Training that wait.
func (g *Training) Do(f func(run *Run) error) error {
	if f == nil {
		return errors.New("train: Training.Do needs a function")
	}
	if g.done == nil {
		return errUnbegun
	}
	o := order{f, make(chan error, 1)}
	select {
	case g.orders <- o:
		return <-o.reply
	case <-g.done:
		return errOver
	}
}

// Pause stops after the current batch until Resume, and returns when it has; validation is not interrupted. Cancelling
// the training's context and Stop end a paused training, too.
func (g *Training) Pause() error {
	return g.Do(func(*Run) error {
		g.setPaused(true)
		return nil
	})
}

// Resume goes on after Pause.
func (g *Training) Resume() error {
	return g.Do(func(*Run) error {
		g.setPaused(false)
		return nil
	})
}

func (g *Training) setPaused(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.paused, g.status.Paused = on, on
}

// Stop ends the training after the current batch, as [Run.StopNow] does, and returns when it is over, callbacks
// included. The model keeps what it has learned; another Fit or Start goes on from there.
func (g *Training) Stop() error {
	err := g.Do(func(run *Run) error {
		g.setPaused(false)
		run.StopNow("Stop was called")
		return nil
	})
	if err == errUnbegun {
		return err
	}
	if err == errOver {
		err = nil
	}
	<-g.done
	return err
}

// SetRate changes the learning rate from the next batch on; a schedule of the optimizer goes on from that base rate.
func (g *Training) SetRate(rate float64) error {
	if !(rate >= 0) || math.IsInf(rate, 0) {
		return fmt.Errorf("train: a learning rate of %v is not a number from 0 on", rate)
	}
	set := func(*Run) error {
		g.trainer.Optimizer.SetRate(rate)
		g.mu.Lock()
		g.status.Rate = rate
		g.mu.Unlock()
		return nil
	}
	err := g.Do(set)
	if err == errOver {
		return set(nil)
	}
	return err
}

// Save writes a checkpoint of the training as it is between two batches: see [Trainer.Save].
func (g *Training) Save(path string) error {
	err := g.Do(func(*Run) error { return g.trainer.Save(path) })
	if err == errOver {
		return g.trainer.Save(path)
	}
	return err
}

// History is a copy of what was measured so far.
func (g *Training) History() (h *History) {
	if g.trainer == nil {
		return &History{}
	}
	copied := func(*Run) error {
		h = g.trainer.History.clone()
		return nil
	}
	if g.Do(copied) != nil {
		copied(nil)
	}
	return h
}

// Status says how far the training is, without waiting.
func (g *Training) Status() Status {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.status
	p.Metrics = slices.Clone(p.Metrics)
	return p
}

// Done is closed when the training is over.
func (g *Training) Done() <-chan struct{} { return g.done }

// Wait waits until the training is over and returns what [Trainer.Fit] does.
func (g *Training) Wait() (*History, error) {
	if g.done == nil {
		return nil, errUnbegun
	}
	<-g.done
	return g.history, g.err
}

// String is a line that says how far the training is.
func (g *Training) String() string {
	p := g.Status()
	var b strings.Builder
	fmt.Fprintf(&b, "epoch %d/%d", p.Epoch, p.Epochs)
	if !p.Done {
		fmt.Fprintf(&b, ", step %d", p.Step)
		if p.Steps > 0 {
			fmt.Fprintf(&b, "/%d", p.Steps)
		}
	}
	if p.Step > 0 {
		fmt.Fprintf(&b, ", loss %s", format("loss", p.Loss))
		for _, m := range p.Metrics {
			if Measured(m.Value) {
				fmt.Fprintf(&b, ", %s %s", m.Name, format(m.Name, m.Value))
			}
		}
	}
	fmt.Fprintf(&b, ", learning rate %.3g", p.Rate)
	switch {
	case p.Err != nil:
		fmt.Fprintf(&b, ", ended: %v", p.Err)
	case p.Done && p.Stopped != "":
		fmt.Fprintf(&b, ", stopped: %s", p.Stopped)
	case p.Done:
		b.WriteString(", finished")
	case p.Paused:
		b.WriteString(", paused")
	case p.Remaining > 0:
		fmt.Fprintf(&b, ", %v left", p.Remaining.Round(time.Second))
	}
	return b.String()
}

// clone is a copy that does not change with h.
func (h *History) clone() *History {
	if h == nil {
		return &History{}
	}
	c := &History{Epochs: slices.Clone(h.Epochs), Names: slices.Clone(h.Names), Values: map[string][]float64{}, Directions: maps.Clone(h.Directions)}
	for name, values := range h.Values {
		c.Values[name] = slices.Clone(values)
	}
	return c
}

// steering is the callback by which a Training takes part in its Fit.
type steering struct {
	training *Training
	ctx      context.Context
	started  chan<- error
}

// Start begins to follow a Fit: see [Callback].
func (s steering) Start(run *Run) (Observer, error) {
	o := &steeringObserver{steering: s}
	o.show(run)
	return o, nil
}

type steeringObserver struct {
	Observe
	steering
	begun bool
}

// EpochStart says that the training has begun.
func (o *steeringObserver) EpochStart(run *Run) error {
	if !o.begun {
		o.begun = true
		o.started <- nil
	}
	o.show(run)
	return nil
}

// BatchStart does what was asked for, and waits while the training is paused.
func (o *steeringObserver) BatchStart(run *Run) error {
	begin := time.Time{}
	for {
		select {
		case order := <-o.training.orders:
			o.follow(order, run)
			continue
		default:
		}
		if !o.training.paused { // only this goroutine changes it
			break
		}
		if begin.IsZero() {
			begin = time.Now()
		}
		select {
		case order := <-o.training.orders:
			o.follow(order, run)
		case <-o.ctx.Done():
			return o.ctx.Err()
		}
	}
	if !begin.IsZero() {
		run.fit.rested(time.Since(begin))
	}
	return nil
}

func (o *steeringObserver) follow(order order, run *Run) {
	err := errors.New("train: Training.Do: the function ended its goroutine")
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("train: Training.Do: %w", v)
		default:
			err = fmt.Errorf("train: Training.Do: %v", v)
		}
		order.reply <- err
	}()
	err = order.f(run)
}

// Batch notes how far the training is.
func (o *steeringObserver) Batch(run *Run) error {
	o.show(run)
	return nil
}

// Epoch notes how far the training is.
func (o *steeringObserver) Epoch(run *Run) error {
	o.show(run)
	return nil
}

// End notes how the training ended.
func (o *steeringObserver) End(run *Run) error {
	o.show(run)
	return nil
}

func (o *steeringObserver) show(run *Run) {
	g := o.training
	g.mu.Lock()
	defer g.mu.Unlock()
	p := &g.status
	p.Epoch, p.Epochs, p.Step, p.Steps = run.Epoch, run.Epochs, run.Step, run.Steps
	if p.Loss = run.Loss; run.Step == 0 {
		p.Loss = NotMeasured()
	}
	p.Metrics = append(p.Metrics[:0], run.Metrics...)
	p.Rate, p.SamplesPerSecond = run.Trainer.Optimizer.Rate(), run.SamplesPerSecond
	p.Elapsed, p.Remaining, p.Stopped = run.Elapsed, run.Remaining, run.Stopped
}

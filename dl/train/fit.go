package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/guard"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
)

// fit is one call of Fit.
type fit struct {
	run       Run
	ctx       context.Context // of Fit, for the labels
	labels    *labeller
	observers []Observer // the labels come first, those that save the training last
	keys      []string   // of their memories, "" for none
	loader    data.Loader
	shard     *shard      // this rank's part of the batches, nil where it trains alone
	held      *evaluation // of the validation data, or nil
	step      step
	options   Options
	weights   guard.Set // of the model's parameters
	begin     time.Time
	idle      time.Duration // of this epoch, in pauses
}

func newFit(t *Trainer, training, validation data.Dataset, o Options) (*fit, error) {
	f := &fit{begin: time.Now(), options: o}
	f.loader = data.Loader{Dataset: training, BatchSize: o.BatchSize, Shuffle: t.rand, Sampler: o.Sampler, Workers: o.Workers}
	if f.loader.BatchSize == 0 {
		f.loader.BatchSize = 32 // Keras's default
	}
	if o.NoShuffle {
		f.loader.Shuffle = nil
	}
	if r := t.ranks(); r != nil {
		f.shard = newShard(r, f.loader.BatchSize, o.Sampler, !o.NoShuffle)
		f.loader.Sampler = f.shard
	}
	if validation != nil {
		f.held = newEvaluation(t, validation)
	}
	var err error
	if f.step, err = newStep(t, t.Model, t.arena); err != nil {
		return nil, err
	}
	done := t.epoch()
	f.run = Run{Trainer: t, Model: t.Model, History: t.History, First: done + 1, Last: done + max(o.Epochs, 1),
		Steps: f.loader.Steps(), BatchSize: f.loader.BatchSize, fit: f}
	if most := o.StepsPerEpoch; most > 0 && (f.run.Steps == 0 || most < f.run.Steps) {
		f.run.Steps = most
	}
	f.run.Epochs = f.run.Last
	for _, m := range t.Metrics {
		f.run.Metrics = append(f.run.Metrics, metric.Value{Name: m.Name()})
		t.History.direct(m.Name(), metric.DirectionOf(m))
	}
	return f, nil
}

// start makes the observers and gives them their memories.
func (f *fit) start(callbacks []Callback) error {
	f.labels = &labeller{ctx: f.ctx}
	f.observers, f.keys = append(f.observers, f.labels), append(f.keys, "")
	var savers []Observer
	var saverKeys []string
	number := map[string]int{}
	for i, c := range callbacks {
		if isNil(c) {
			return fmt.Errorf("train: callback %d is nil", i+1)
		}
		if _, ok := c.(Outward); ok && f.shard != nil && f.shard.rank > 0 {
			continue
		}
		observer, err := c.Start(&f.run)
		if err == nil && isNil(observer) {
			err = errors.New("Start returned neither an observer nor an error")
		}
		if err != nil {
			return fmt.Errorf("train: callback %T: %w", c, err)
		}
		key := ""
		if r, ok := observer.(Rememberer); ok {
			kind := fmt.Sprintf("%T", c)
			key = fmt.Sprintf("%s %d", kind, number[kind])
			number[kind]++
			if memory, ok := f.run.Trainer.memory.notes[key]; ok {
				if err := r.Recall(&f.run, memory); err != nil {
					return fmt.Errorf("train: callback %T: %w", c, err)
				}
			}
		}
		if _, ok := observer.(*checkpoint); ok { // it saves what the others have done in the epoch
			savers, saverKeys = append(savers, observer), append(saverKeys, key)
			continue
		}
		f.observers, f.keys = append(f.observers, observer), append(f.keys, key)
	}
	f.observers, f.keys = append(f.observers, savers...), append(f.keys, saverKeys...)
	for _, o := range f.observers {
		if _, ok := o.(GradientObserver); ok {
			f.step.gradients = f.gradients
		}
	}
	return nil
}

// remember keeps the memories of the observers in the Trainer.
func (f *fit) remember() error {
	for i, o := range f.observers {
		if f.keys[i] == "" {
			continue
		}
		note, err := o.(Rememberer).Remember()
		if err != nil {
			return err
		}
		f.run.Trainer.memory.note(f.keys[i], note)
	}
	return nil
}

func (f *fit) gradients() error {
	for _, o := range f.observers {
		if g, ok := o.(GradientObserver); ok {
			if err := g.Gradients(&f.run); err != nil {
				return err
			}
		}
	}
	return nil
}

// epochs trains until the last epoch, or until an observer stops it.
func (f *fit) epochs(ctx context.Context) error {
	t := f.run.Trainer
	for _, p := range nn.NamedParameters(t.Model) {
		p.Value.ZeroGrad() // one that was left by hand, or by a step that failed
	}
	nn.SetRand(t.Model, t.rand)
	defer nn.SetTraining(t.Model, false)
	for f.run.Epoch = f.run.First; f.run.Epoch <= f.run.Last; f.run.Epoch++ {
		if f.step.ranks != nil && f.run.Epoch > f.run.First {
			f.stopping(f.step.ranks)
		}
		if f.run.Stopped != "" {
			break
		}
		if err := f.epoch(ctx); err != nil {
			return err
		}
	}
	f.run.Epoch = t.epoch()
	return nil
}

// epoch is one pass over the training data, and over the validation data after it.
func (f *fit) epoch(ctx context.Context) error {
	t := f.run.Trainer
	for _, o := range f.observers {
		if s, ok := o.(EpochStarter); ok {
			if err := s.EpochStart(&f.run); err != nil {
				return err
			}
		}
	}
	f.weights = weightsOf(t.Model)
	if err := f.lock(ctx); err != nil {
		return err
	}
	f.step.parameters = nn.Trainable(t.Model)
	f.weights.Unlock()
	if len(f.step.parameters) == 0 && t.Step == nil {
		return errors.New("train: there is nothing to train: all parameters are frozen, or there are none")
	}
	rate := t.Optimizer.Rate()
	start := time.Now()
	nn.SetTraining(t.Model, true)
	f.step.reset()
	f.idle = 0
	if r := f.step.ranks; r != nil {
		f.follow(r)
		f.step.summed = r.Gradients(f.step.parameters)
		defer f.step.summed.Close()
		f.share(r)
	}
	if err := f.batches(ctx, start); err != nil {
		return err
	}
	if f.step.ranks != nil {
		f.complete()
		if err := cancelled(ctx, f.step.ranks); err != nil {
			return err
		}
		f.stopping(f.step.ranks)
		if err := f.average(f.step.ranks); err != nil {
			return err
		}
		if err := f.step.merge(); err != nil {
			return err
		}
		f.measure(f.run.Step, time.Since(start)-f.idle)
	}
	speed := f.run.SamplesPerSecond
	if err := f.sound(); err != nil {
		return fmt.Errorf("train: epoch %d: %w", f.run.Epoch, err)
	}
	f.collect()
	for _, o := range f.observers {
		if s, ok := o.(TrainedObserver); ok {
			if err := s.Trained(&f.run); err != nil {
				return err
			}
		}
	}
	held, err := f.validate(ctx)
	if err != nil {
		return err
	}
	h := t.History
	h.add(f.run.Epoch)
	h.set("loss", f.run.Loss)
	for _, m := range f.run.Metrics {
		h.set(m.Name, m.Value)
	}
	for _, r := range f.step.own.reports {
		h.set(r.name, r.sum/float64(max(r.samples, 1)))
	}
	for _, v := range held {
		h.set("val_"+v.Name, v.Value)
	}
	h.set("learning_rate", rate)
	h.set("seconds", (time.Since(start) - f.idle).Seconds())
	h.set("samples_per_second", speed)
	f.measure(f.run.Step, 0)
	if f.run.now {
		return f.remember()
	}
	for _, o := range f.observers {
		if err := o.Epoch(&f.run); err != nil {
			return err
		}
	}
	return f.remember()
}

// batches trains on the batches of an epoch.
func (f *fit) batches(ctx context.Context, start time.Time) error {
	whole := max(f.options.Accumulate, 1)
	for i, batch := range f.loader.Batches() {
		if err := ctx.Err(); err != nil && f.shard == nil {
			return err
		}
		if i%whole == 0 { // the last step of an epoch may be one of fewer batches
			f.step.accumulate = whole
			if f.run.Steps > 0 {
				f.step.accumulate = max(min(whole, f.run.Steps-i), 1)
			}
		}
		for _, o := range f.observers {
			if s, ok := o.(BatchStarter); ok {
				if err := s.BatchStart(&f.run); err != nil {
					return err
				}
			}
		}
		if f.shard != nil {
			f.step.whole, f.step.stop = f.shard.whole[i], f.run.now || ctx.Err() != nil
		}
		if err := f.train(ctx, batch); err != nil {
			if err == ctx.Err() {
				return err
			}
			return fmt.Errorf("train: epoch %d, step %d: %w", f.run.Epoch, i+1, err)
		}
		f.measure(i+1, time.Since(start)-f.idle)
		for _, o := range f.observers {
			if err := o.Batch(&f.run); err != nil {
				return err
			}
		}
		now := f.run.now
		if f.shard != nil { // all ranks end with the same batch, the one after that in which one wants to
			now = f.step.stops
		}
		if now || i+1 == f.options.StepsPerEpoch {
			break
		}
	}
	if err := f.loader.Err(); err != nil {
		if f.options.ValidationSplit > 0 && f.options.Sampler != nil {
			err = fmt.Errorf("%w (the Sampler is of the %d samples that ValidationSplit leaves: data.Split parts them before it is made, for Fit and Validation)", err, f.loader.Dataset.Len())
		}
		return fmt.Errorf("train: epoch %d: %w", f.run.Epoch, err)
	}
	if f.step.samples == 0 && f.shard == nil {
		return errors.New("train: no data to train with: the stream is empty")
	}
	if err := f.lock(ctx); err != nil {
		return err
	}
	defer f.weights.Unlock()
	return f.step.finish()
}

// lock waits for whoever uses the model. Ranks do so to the end: they stop together.
func (f *fit) lock(ctx context.Context) error {
	if f.shard != nil {
		ctx = context.WithoutCancel(ctx)
	}
	return f.weights.Lock(ctx)
}

// train learns from a batch while nobody else uses the model: what others predict meanwhile is from the weights between
// two steps.
func (f *fit) train(ctx context.Context, b data.Batch) error {
	if err := f.lock(ctx); err != nil {
		return err
	}
	defer f.weights.Unlock()
	return f.step.train(b)
}

// validate measures the validation data.
func (f *fit) validate(ctx context.Context) (Results, error) {
	if f.held == nil || f.run.now {
		return nil, nil
	}
	t := f.run.Trainer
	done, err := f.held.use(t)
	if err != nil {
		return nil, err
	}
	defer done()
	held, err := f.held.run(ctx)
	if err != nil {
		return nil, err
	}
	for _, o := range f.observers {
		if v, ok := o.(ValidationObserver); ok {
			if err := v.Validated(&f.run, held); err != nil {
				return nil, err
			}
		}
	}
	return held, nil
}

// rested takes a pause out of all times.
func (f *fit) rested(pause time.Duration) {
	f.begin = f.begin.Add(pause)
	f.idle += pause
}

// sound says whether all weights are numbers, so that no file is overwritten with others.
func (f *fit) sound() error {
	for _, n := range nn.NamedParameters(f.run.Model) {
		finite := true
		switch n.Value.DType() {
		case dl.Float32:
			finite = allFinite(n.Value.Float32s())
		case dl.Float64:
			for _, v := range n.Value.Float64s() {
				finite = finite && !math.IsNaN(v) && !math.IsInf(v, 0)
			}
		}
		if !finite {
			return f.run.Trainer.spoiled("the parameter " + n.Name + " became NaN or infinite")
		}
	}
	return nil
}

// allFinite says whether no value is NaN or infinite: only such a one makes a sum of differences with itself anything
// but 0.
func allFinite(values []float32) bool {
	var sum float32
	for _, v := range values {
		sum += v - v
	}
	return sum == 0
}

// measure brings the run's numbers up to date after a step; spent is the time of this epoch, 0 when it is over.
func (f *fit) measure(step int, spent time.Duration) {
	r := &f.run
	r.Step, r.Loss = step, f.step.loss()
	for i, m := range f.step.meters {
		if _, ok := m.(metric.Collector); !ok {
			r.Metrics[i].Value = m.Value()
		} else if spent > 0 { // it is measured when the epoch ends: see collect
			r.Metrics[i].Value = NotMeasured()
		}
	}
	if spent > 0 {
		r.SamplesPerSecond = float64(f.step.samples) / spent.Seconds()
	}
	r.Elapsed = time.Since(f.begin)
	if r.Steps > 0 {
		done := (r.Epoch-r.First)*r.Steps + step
		all := (r.Last - r.First + 1) * r.Steps
		r.Remaining = time.Duration(float64(r.Elapsed) / float64(done) * float64(all-done))
	}
}

// collect measures, at the end of an epoch, what takes too long to be measured after each batch.
func (f *fit) collect() {
	for i, m := range f.step.meters {
		if _, ok := m.(metric.Collector); ok {
			f.run.Metrics[i].Value = m.Value()
		}
	}
}

// end tells the observers that the run is over and returns the first error.
func (f *fit) end(err error) error {
	f.run.Err = err
	for _, o := range f.observers {
		if e := o.End(&f.run); e != nil && err == nil {
			err = e
		}
	}
	return err
}

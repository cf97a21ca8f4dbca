package train

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// Ranks are programs that train one model together, such as those of package dist: each has the whole model, computes its
// part of every batch, and gets the sum of all gradients, so that the models stay equal. All of them call the same methods
// of their Trainers in the same order. Every value is the same on all ranks, bit for bit.
type Ranks interface {
	Rank() int // this program's number, from 0
	Size() int // how many there are
	// Name says which rank it is and on which machine, for messages.
	Name(rank int) string
	// Gather returns the values of all ranks, in their order, on each of them.
	Gather(values []float64) [][]float64
	// Gradients adds up the gradients of parameters, which are the same on all ranks, until it is closed.
	Gradients(parameters []*dl.Tensor) Gradients
}

// Gradients replaces the gradients of parameters by their sums over [Ranks].
type Gradients interface {
	// Begin says that the gradients are complete after the next Backward: they may be sent while it goes on.
	Begin()
	// Wait waits for the sums, and says whether any rank wants to stop. A parameter that has no gradient on any rank has
	// none.
	Wait(stop bool) (stops bool)
	Close()
}

// Sharer is Gradients that can leave each rank the sums of some elements of large gradients alone, so that ranks share the
// work of the optimizer, where that changes each value by its own gradient.
type Sharer interface {
	Gradients
	// Share begins that, before the first Begin. In place says that nothing but the optimizer changes parameters until
	// Separate or Close, so that ranks on one machine may have them in common.
	Share(inPlace bool)
	// Separate gives each rank parameters of its own again.
	Separate()
	// Spread gives all ranks the values of parameters that the others' optimizers have changed.
	Spread()
	// Keep says, once after a Spread, what the optimizer remembers of a parameter, with nil for what it does not yet: ranks on
	// one machine may have it in common until Separate or Close, and each may take the step for any of the elements.
	Keep(parameter *dl.Tensor, slots []*dl.Tensor)
	// Complete gives all ranks what the others' optimizers remember of a parameter.
	Complete(parameter, slot *dl.Tensor)
}

// Outward is a callback that shows or writes and changes nothing: of several [Ranks], only rank 0 has it.
type Outward interface {
	Callback
	Outward()
}

// ranks are those of a Trainer, nil where it trains alone.
func (t *Trainer) ranks() Ranks {
	if isNil(t.Ranks) || t.Ranks.Size() < 2 {
		return nil
	}
	return t.Ranks
}

// shard is the part of a rank: of every batch of all ranks together, some samples that follow each other, and none where
// there are fewer samples than ranks.
type shard struct {
	rank, size int
	batch      int
	sampler    data.Sampler // of all ranks; nil: all samples
	shuffle    bool         // without a sampler
	whole      []int        // how many samples each batch of this pass has on all ranks
}

func newShard(r Ranks, batch int, sampler data.Sampler, shuffle bool) *shard {
	return &shard{rank: r.Rank(), size: r.Size(), batch: batch, sampler: sampler, shuffle: shuffle}
}

// Batches draws the order of all ranks and takes this one's part: see [data.BatchSampler].
func (s *shard) Batches(n int, r *dl.Rand) [][]int {
	var order []int
	var all [][]int
	switch of := s.sampler.(type) {
	case data.BatchSampler:
		all = of.Batches(n, r)
	case nil:
		if s.shuffle {
			order = r.Perm(n)
			break
		}
		order = make([]int, n)
		for i := range order {
			order[i] = i
		}
	default:
		order = of.Order(n, r)
	}
	if all == nil {
		all = slices.Collect(slices.Chunk(order, s.batch))
	}
	s.whole = s.whole[:0]
	for i, b := range all {
		s.whole = append(s.whole, len(b))
		all[i] = b[len(b)*s.rank/s.size : len(b)*(s.rank+1)/s.size]
	}
	return all
}

// Order is that of the batches: see [data.Sampler].
func (s *shard) Order(n int, r *dl.Rand) []int { return slices.Concat(s.Batches(n, r)...) }

// Steps is the number of batches: see [data.BatchSampler].
func (s *shard) Steps(n int) int {
	switch of := s.sampler.(type) {
	case data.BatchSampler:
		return of.Steps(n)
	case data.Counter:
		n = of.Count(n)
	}
	return (n + s.batch - 1) / s.batch
}

// follow gives all ranks the random numbers of rank 0, so that they draw the same order, and each but rank 0 others of its
// own for the layers: what they leave out differs.
func (f *fit) follow(r Ranks) {
	t := f.run.Trainer
	var state []float64
	for _, b := range t.rand.State() {
		state = append(state, float64(b))
	}
	first, bytes := r.Gather(state)[0], []byte(nil)
	for _, v := range first {
		bytes = append(bytes, byte(v))
	}
	if err := t.rand.SetState(bytes); err != nil {
		panic(err) // it was the state of a Rand
	}
	if r.Rank() > 0 {
		seed := uint64(crc32.ChecksumIEEE(bytes))<<32 | uint64(r.Rank())
		nn.SetRand(t.Model, dl.NewRand(seed))
	}
}

// share lets ranks share the work of the optimizer, if nobody on any of them wants to see whole gradients.
func (f *fit) share(r Ranks) {
	sharer, ok := f.step.summed.(Sharer)
	_, keeps := f.run.Trainer.Optimizer.(optim.Keeper)
	own := []float64{0, 0}
	if ok && keeps && f.step.gradients == nil && gradient.Elementwise(f.run.Trainer.Optimizer) {
		own[0] = 1
	}
	if f.leavesWeights() {
		own[1] = 1
	}
	inPlace := true
	f.step.sharer = nil
	for _, other := range r.Gather(own) {
		if other[0] == 0 {
			return
		}
		inPlace = inPlace && other[1] > 0
	}
	f.step.sharer, f.step.kept = sharer, false
	sharer.Share(inPlace)
}

// leavesWeights reports whether nothing but the optimizer can change weights between the first and the last batch of an
// epoch.
func (f *fit) leavesWeights() bool {
	for _, c := range f.options.Callbacks {
		switch c.(type) {
		case Outward, EMA, SWA, EarlyStopping, ReduceOnPlateau, RateByEpoch, *Timings:
		default:
			return false
		}
	}
	return f.run.Trainer.Step == nil && !f.step.constrained
}

// complete gives each rank all of the optimizer's memory, of which the step needs a part.
func (f *fit) complete() {
	t := f.run.Trainer
	if f.step.sharer == nil {
		return
	}
	f.step.sharer.Separate()
	t.slots(func(p *dl.Tensor, slots []*dl.Tensor) {
		for _, slot := range slots {
			if slot != nil {
				f.step.sharer.Complete(p, slot)
			}
		}
	})
	t.apart = false
}

// slots calls f with what the optimizer, a [optim.Keeper], remembers of each parameter, nil for what it does not yet.
func (t *Trainer) slots(f func(p *dl.Tensor, slots []*dl.Tensor)) {
	state := t.Optimizer.State()
	names := slices.Sorted(maps.Keys(state.Slots))
	for i, p := range t.Optimizer.(optim.Keeper).Owners() {
		var slots []*dl.Tensor
		for _, name := range names {
			slots = append(slots, state.Slots[name][i])
		}
		if p != nil {
			f(p, slots)
		}
	}
}

// stopping lets a training that ends on one rank, after this epoch or at once, end on all.
func (f *fit) stopping(r Ranks) {
	own := []float64{0, 0}
	if f.run.now {
		own[0] = 1
	}
	if f.run.Stopped != "" {
		own[1] = 1
	}
	for i, other := range r.Gather(own) {
		if other[1] > 0 {
			f.run.Stop(r.Name(i) + " stopped the training")
		}
		f.run.now = f.run.now || other[0] > 0
	}
}

// cancelled is the error of a pass that was cancelled on any rank: on all of them, so that none waits for one that is gone.
func cancelled(ctx context.Context, r Ranks) error {
	err, own := ctx.Err(), []float64{0} // which may end between here and there
	if err != nil {
		own[0] = 1
	}
	for i, other := range r.Gather(own) {
		if other[0] > 0 && err == nil {
			err = fmt.Errorf("train: on %s: %w", r.Name(i), context.Canceled)
		}
	}
	return err
}

// merge makes the measures of a pass those of all ranks.
func (s *step) merge() error {
	if s.ranks == nil {
		return nil
	}
	own := []float64{s.sum, float64(s.samples), float64(s.counted)}
	for _, r := range s.own.reports {
		own = append(own, r.sum, float64(r.samples))
	}
	total := make([]float64, len(own))
	for i, values := range s.ranks.Gather(own) {
		if len(values) != len(own) {
			return fmt.Errorf("train: %s reported %d values in this pass and %s %d: all ranks must report the same",
				s.ranks.Name(i), (len(values)-3)/2, s.ranks.Name(s.ranks.Rank()), len(s.own.reports))
		}
		for j, v := range values {
			total[j] += v
		}
	}
	s.sum, s.samples, s.counted = total[0], int(total[1]), int(total[2])
	for i := range s.own.reports {
		s.own.reports[i].sum, s.own.reports[i].samples = total[3+2*i], int(total[4+2*i])
	}
	for i, m := range s.meters {
		m, ok := m.(metric.Merger)
		if !ok {
			return fmt.Errorf("train: the metric %s cannot be measured by several ranks: its meter is no metric.Merger", s.t.Metrics[i].Name())
		}
		states := s.ranks.Gather(m.State())
		m.Reset()
		for _, state := range states {
			if err := m.Merge(state); err != nil {
				return err
			}
		}
	}
	return nil
}

// weigh sets how much this rank's part of a batch counts: its samples, or the sum of their weights, to those of all.
func (s *step) weigh(output *dl.Tensor, logits bool) {
	n := s.own.Batch.Len()
	s.share, s.part = 1, 1
	if s.ranks == nil {
		s.whole = n
		return
	}
	s.part = float64(n) / float64(max(s.whole, 1))
	s.share = s.part
	if s.t.Step != nil {
		return
	}
	o, b := &s.t.Loss.Options, &s.own.Batch
	switch {
	case o.Reduction == nn.Sum:
		s.share = 1
	case o.ClassWeights != nil || o.Ignore != nil || b.Of(data.Weight) != nil || b.Of(data.Mask) != nil:
		own, total := 0.0, 0.0
		if n > 0 {
			dl.NoGrad(func() { own = s.t.Loss.Total(output, b.Y, logits, lossWeight(b)) })
		}
		for _, v := range s.ranks.Gather([]float64{own}) {
			total += v[0]
		}
		if s.share = 0; total > 0 {
			s.share = own / total
		}
	}
}

// average gives all ranks the mean of what layers keep of their batches, such as the running statistics of BatchNorm:
// of the parameters that are not trained and differ.
func (f *fit) average(r Ranks) error {
	var kept []*dl.Tensor
	var sums []float64
	for _, p := range f.run.Model.Parameters() {
		if p == nil || !p.Frozen || !p.Value.DType().IsFloat() {
			continue
		}
		sum, err := crcOf([]dl.Named{{Name: "kept", Tensor: p.Value}})
		if err != nil {
			return err
		}
		kept, sums = append(kept, p.Value), append(sums, float64(sum))
	}
	all := r.Gather(sums)
	for k, t := range kept {
		if !slices.ContainsFunc(all, func(sums []float64) bool { return sums[k] != all[0][k] }) {
			continue
		}
		own := dl.Values[float64](t)
		mean := make([]float64, len(own))
		for _, values := range r.Gather(own) {
			for i, v := range values {
				mean[i] += v / float64(r.Size())
			}
		}
		t.CopyFrom(dl.Of(mean, t.Shape()...).To(t.DType()))
	}
	return nil
}

// agree says which rank begins with something else than rank 0: models that differ at the start stay different.
func (f *fit) agree(r Ranks) error {
	if f.loader.Dataset.Len() < 0 || f.held != nil && f.held.loader.Dataset.Len() < 0 {
		return errors.New("train: ranks cannot share a stream: its samples have no numbers")
	}
	t, o := f.run.Trainer, f.options
	var shapes string
	var weights, slots []dl.Named
	for _, p := range nn.NamedParameters(t.Model) {
		shapes += fmt.Sprint(p.Name, p.Value.Shape(), p.Value.DType(), p.Frozen, " ")
		weights = append(weights, dl.Named{Name: p.Name, Tensor: p.Value})
	}
	state := t.Optimizer.State()
	for name, tensors := range state.Slots {
		for i, s := range tensors {
			if s != nil {
				slots = append(slots, dl.Named{Name: fmt.Sprint(name, i), Tensor: s})
			}
		}
	}
	slices.SortFunc(slots, func(a, b dl.Named) int { return strings.Compare(a.Name, b.Name) })
	checks := []struct {
		what, help string
		sum        func() (uint32, error)
	}{
		{"layers", "all ranks must build the same layers", func() (uint32, error) { return crc(shapes), nil }},
		{"weights", "build the model after the same dl.Seed, or load the same file, on every rank", func() (uint32, error) { return crcOf(weights) }},
		{"optimizer settings or memory", "load the same checkpoint on every rank", func() (uint32, error) {
			sum, err := crcOf(slots)
			return sum ^ crc(t.Optimizer.Name(), state.Step, state.Rate, len(t.History.Epochs)), err
		}},
		{"options of Fit", "all ranks must call it with the same ones", func() (uint32, error) {
			return crc(f.run.First, f.run.Last, f.loader.BatchSize, o.NoShuffle, o.Accumulate, o.StepsPerEpoch), nil
		}},
		{"training data", "all ranks must have all of the data: each takes its part of every batch", func() (uint32, error) {
			return crcOfData(f.loader.Dataset)
		}},
		{"validation data", "all ranks must have all of the data: each measures its part", func() (uint32, error) {
			if f.held == nil {
				return 0, nil
			}
			return crcOfData(f.held.loader.Dataset)
		}},
	}
	own := make([]float64, len(checks))
	for i, c := range checks {
		sum, err := c.sum()
		if err != nil {
			return fmt.Errorf("train: %w", err)
		}
		own[i] = float64(sum)
	}
	all := r.Gather(own)
	for i, c := range checks {
		for rank := range all {
			if all[rank][i] != all[0][i] {
				return fmt.Errorf("train: %s has other %s than %s: %s", r.Name(rank), c.what, r.Name(0), c.help)
			}
		}
	}
	return nil
}

func crc(values ...any) uint32 { return crc32.ChecksumIEEE([]byte(fmt.Sprint(values...))) }

func crcOf(tensors []dl.Named) (uint32, error) {
	h := crc32.NewIEEE()
	err := dl.WriteSafetensors(h, tensors, nil)
	return h.Sum32(), err
}

// crcOfData is a checksum of a few hundred samples from everywhere.
func crcOfData(d data.Dataset) (uint32, error) {
	const most = 256
	n := d.Len()
	samples := make([]int, min(n, most))
	for i := range samples {
		samples[i] = int(int64(i) * int64(n) / int64(len(samples)))
	}
	sum := crc(n, fmt.Sprintf("%+v", d.Spec()))
	loader := data.Loader{Dataset: data.Subset(d, samples)}
	for _, b := range loader.Batches() {
		tensors := []dl.Named{{Name: "x", Tensor: b.X}}
		if b.Y != nil {
			tensors = append(tensors, dl.Named{Name: "y", Tensor: b.Y})
		}
		for _, v := range b.More {
			tensors = append(tensors, dl.Named{Name: "more." + v.Field.Name, Tensor: v.Tensor})
		}
		s, err := crcOf(tensors)
		if err != nil {
			return 0, err
		}
		sum = sum*31 + s
	}
	return sum, loader.Err()
}

package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/guard"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/internal/columns"
)

// testBatch is the batch size when nothing is learned: it changes speed only.
const testBatch = 128

// Results are the measured values of a dataset: "loss", then the metrics.
type Results []metric.Value

// Get returns the value of a name, NaN when there is none.
func (r Results) Get(name string) float64 {
	for _, v := range r {
		if v.Name == name {
			return v.Value
		}
	}
	return math.NaN()
}

// rows are the cells of the results' table, a heading first.
func (r Results) rows() [][]string {
	rows := make([][]string, 2)
	for _, v := range r {
		rows[0], rows[1] = append(rows[0], v.Name), append(rows[1], format(v.Name, v.Value))
	}
	return rows
}

// String shows the results in one line: loss 0.0512, accuracy 0.9840.
func (r Results) String() string {
	var parts []string
	for _, v := range r {
		parts = append(parts, v.Name+" "+format(v.Name, v.Value))
	}
	return strings.Join(parts, ", ")
}

// HTML shows the results as a table.
func (r Results) HTML() string { return columns.HTML(r.rows(), nil) }

// MimeBundle gives a notebook the results as HTML and as text.
func (r Results) MimeBundle() map[string]any {
	return map[string]any{"text/html": r.HTML(), "text/plain": r.String()}
}

// evaluation measures a dataset, again and again.
type evaluation struct {
	loader data.Loader
	shard  *shard // a rank's part, nil where it measures alone
	arena  *dl.Arena
	step   step
}

func newEvaluation(t *Trainer, d data.Dataset) *evaluation {
	e := &evaluation{loader: data.Loader{Dataset: d, BatchSize: testBatch}, arena: dl.NewArena()}
	if r := t.ranks(); r != nil {
		e.shard = newShard(r, testBatch*r.Size(), nil, false)
		e.loader.Sampler = e.shard
	}
	return e
}

// use makes the evaluation measure a Trainer's model as it is in use. done is called when it has.
func (e *evaluation) use(t *Trainer) (done func(), err error) {
	m, done := t.inUse()
	e.step, err = newStep(t, m, e.arena)
	if err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// inUse is the Trainer's model as it is in use, whether it is being trained or not. A Step of its own computes with the
// model itself, which is switched, and is not trained meanwhile.
func (t *Trainer) inUse() (m nn.Module, done func()) {
	if t.Step == nil {
		return nn.InUse(t.Model)
	}
	weights := weightsOf(t.Model)
	weights.Lock(context.Background())
	training := weights.Training()
	nn.SetTraining(t.Model, false)
	return t.Model, func() {
		nn.SetTraining(t.Model, training)
		weights.Unlock()
	}
}

// weightsOf are the locks of a model's parameters. A step of Fit has them alone.
func weightsOf(m nn.Module) (s guard.Set) {
	for _, p := range m.Parameters() {
		if p != nil && p.Value != nil {
			s = append(s, guard.Of(p.Value))
		}
	}
	return s
}

func (e *evaluation) run(ctx context.Context) (Results, error) {
	e.step.reset()
	for i, batch := range e.loader.Batches() {
		if err := ctx.Err(); err != nil && e.shard == nil {
			return nil, err
		}
		if e.shard != nil {
			e.step.whole = e.shard.whole[i]
		}
		if err := e.step.test(batch); err != nil {
			return nil, fmt.Errorf("train: evaluating: %w", err)
		}
	}
	if err := e.loader.Err(); err != nil {
		return nil, fmt.Errorf("train: evaluating: %w", err)
	}
	if e.shard != nil {
		if err := cancelled(ctx, e.step.ranks); err != nil {
			return nil, err
		}
	}
	if err := e.step.merge(); err != nil {
		return nil, err
	}
	if e.step.samples == 0 {
		return nil, errors.New("train: evaluating: no samples: the stream is empty")
	}
	results := Results{{Name: "loss", Value: e.step.loss()}}
	for i, m := range e.step.t.Metrics {
		results = append(results, metric.Value{Name: m.Name(), Value: e.step.meters[i].Value()})
	}
	for _, r := range e.step.own.reports {
		results = append(results, metric.Value{Name: r.name, Value: r.sum / float64(max(r.samples, 1))})
	}
	if e.step.counted > 0 && math.IsNaN(e.step.sum) {
		return results, fmt.Errorf("train: evaluating: %w", e.step.t.spoiled("the loss is NaN"))
	}
	return results, nil
}

// Evaluate measures the loss and the metrics of a dataset. A loss that is NaN is an error.
func (t *Trainer) Evaluate(ctx context.Context, d data.Dataset) (results Results, err error) {
	if err := givenContext(ctx); err != nil {
		return nil, err
	}
	if err := t.checkModel(); err != nil {
		return nil, err
	}
	if t.Step == nil && !t.Loss.Defined() {
		return nil, fmt.Errorf("train: the Trainer needs a Loss to evaluate, such as nn.SparseCrossEntropy")
	}
	if err := t.checkMetrics(); err != nil {
		return nil, err
	}
	if isNil(d) || d.Len() == 0 || t.Step == nil && d.Spec().YType == data.NoTarget {
		return nil, fmt.Errorf("train: evaluating needs samples with targets")
	}
	e := newEvaluation(t, d)
	fault := dl.Try(func() {
		var done func()
		if done, err = e.use(t); err != nil {
			return
		}
		defer done()
		results, err = e.run(ctx)
	})
	if fault != nil {
		return nil, fmt.Errorf("train: evaluating: %w", fault)
	}
	return results, err
}

// Predict computes the model's outputs for all samples: [N, ...], for a classifier the probabilities [N, classes].
// For a tensor of inputs see data.FromTensors, or Model.Predict.
// Beside a Fit of the same model, all outputs are from the weights between two of its steps; Fit waits meanwhile.
func (t *Trainer) Predict(ctx context.Context, d data.Dataset) (*dl.Tensor, error) {
	var all []float32 // outside the arena, which only lends memory
	var shape dl.Shape
	n := 0
	err := t.outputs(ctx, d, func(output *dl.Tensor, _ data.Batch) {
		if all == nil {
			shape = append(dl.Shape{0}, output.Shape()[1:]...)
			all = make([]float32, 0, output.Size()/output.Dim(0)*max(d.Len(), 0))
		}
		if !shape[1:].Equal(output.Shape()[1:]) {
			dl.PanicShape("train.Predict", "the outputs of the batches differ in shape: predict them one by one with Model.Predict", output)
		}
		n += output.Dim(0)
		all = append(all, output.To(dl.Float32).Contiguous().Float32s()...)
	})
	if err == nil && all == nil {
		err = errors.New("train: no samples to predict: the stream is empty")
	}
	if err != nil {
		return nil, err
	}
	shape[0] = n
	return dl.Wrap(all, shape...), nil
}

// Confusion counts which class the model predicts for which, of sequences and pictures at each place. As in the metrics,
// places that a mask leaves out, and classes that the loss ignores, do not count. The classes' names are those of the
// dataset, numbers when it has none.
func (t *Trainer) Confusion(ctx context.Context, d data.Dataset) (*metric.ConfusionMatrix, error) {
	if !isNil(d) && d.Spec().YType == data.NoTarget {
		return nil, fmt.Errorf("train: a confusion matrix needs samples with targets")
	}
	var matrix *metric.ConfusionMatrix
	err := t.outputs(ctx, d, func(output *dl.Tensor, b data.Batch) {
		if matrix == nil {
			classes, n := d.Spec().Classes, 2
			if output.Rank() > 1 {
				n = max(output.Dim(-1), 2)
			}
			if len(classes) != n {
				classes = metric.NumberedClasses(n)
			}
			matrix = metric.NewConfusionMatrix(classes...)
		}
		if output, target, _, _ := t.counted(output, &b); output != nil {
			matrix.Add(output, target)
		}
	})
	if err == nil && matrix == nil {
		err = errors.New("train: no samples to predict: the stream is empty")
	}
	if err != nil {
		return nil, err
	}
	return matrix, nil
}

// Mistake is a sample whose predicted class is not the true one.
type Mistake struct {
	Sample      int     // its number in the dataset
	Class       int     // the true class
	Predicted   int     // -1 where the model predicts NaN
	Probability float64 // that the model gives to the predicted class
	Place       int     `since:"5"` // of a sequence, or a picture of classes: which of the sample's places it is, from 0
}

// Mistakes returns the samples that the model gets wrong, of sequences and pictures each place, those it is surest of
// first. What does not count is as for [Trainer.Confusion].
func (t *Trainer) Mistakes(ctx context.Context, d data.Dataset) ([]Mistake, error) {
	if !isNil(d) && d.Spec().YType == data.NoTarget {
		return nil, fmt.Errorf("train: mistakes need samples with targets")
	}
	var mistakes []Mistake
	first := 0
	err := t.outputs(ctx, d, func(output *dl.Tensor, b data.Batch) {
		n := b.Len()
		output, target, _, at := t.counted(output, &b)
		if output == nil {
			first += n
			return
		}
		output, target = rowsOf(output, target)
		predicted, classes := metric.PredictedClasses(output), metric.TrueClasses(target)
		if len(predicted) != len(classes) {
			dl.PanicShape("train.Mistakes", "a class for each output is needed", output, target)
		}
		columns := output.Size() / len(predicted)
		for i, class := range classes {
			if p := predicted[i]; p != class {
				probability := math.Inf(1) // of NaN, which stands first
				if p >= 0 {
					probability = float64(output.Contiguous().Float32s()[i*columns+min(p, columns-1)])
				}
				if columns == 1 && p == 0 {
					probability = 1 - probability
				}
				sample, place := at.of(i, len(predicted), n)
				mistakes = append(mistakes, Mistake{first + sample, class, p, probability, place})
			}
		}
		first += n
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(mistakes, func(a, b Mistake) int { return cmp.Compare(b.Probability, a.Probability) })
	for i := range mistakes {
		if mistakes[i].Predicted < 0 {
			mistakes[i].Probability = math.NaN()
		}
	}
	return mistakes, nil
}

// rowsOf are the outputs and targets of sequences, or of pictures, as a row for each place.
func rowsOf(output, target *dl.Tensor) (o, t *dl.Tensor) {
	if output.Rank() < 3 || target.Rank() < 2 {
		return output, target
	}
	output = output.Reshape(-1, output.Dim(-1))
	if output.Dim(-1) > 1 && target.Size() == output.Size() && target.DType().IsFloat() { // one-hot
		return output, target.Reshape(-1, output.Dim(-1))
	}
	return output, target.Flatten(0)
}

// outputs calls f with the model's outputs for each batch; they are valid during the call.
func (t *Trainer) outputs(ctx context.Context, d data.Dataset, f func(output *dl.Tensor, b data.Batch)) error {
	if err := givenContext(ctx); err != nil {
		return err
	}
	if err := t.checkModel(); err != nil {
		return err
	}
	if isNil(d) || d.Len() == 0 {
		return fmt.Errorf("train: no samples to predict")
	}
	m, done := t.inUse()
	defer done()
	model, ok := m.(nn.Forwarder)
	if !ok {
		return fmt.Errorf("train: %T has no method Forward(x *dl.Tensor) *dl.Tensor, with which to predict", m)
	}
	arena := dl.NewArena()
	loader := data.Loader{Dataset: d, BatchSize: testBatch}
	for _, batch := range loader.Batches() {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := dl.Try(func() {
			arena.Run(func() {
				dl.NoGrad(func() { f(model.Forward(batch.X), batch) })
			})
		})
		if err != nil {
			return fmt.Errorf("train: predicting: %w", err)
		}
	}
	return loader.Err()
}

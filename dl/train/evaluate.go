package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
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
func (r Results) HTML() string { return htmlTable(r.rows()) }

// MimeBundle gives a notebook the results as HTML and as text.
func (r Results) MimeBundle() map[string]any {
	return map[string]any{"text/html": r.HTML(), "text/plain": r.String()}
}

// evaluation measures a dataset, again and again.
type evaluation struct {
	loader data.Loader
	step   step
}

func newEvaluation(t *Trainer, d data.Dataset) *evaluation {
	return &evaluation{loader: data.Loader{Dataset: d, BatchSize: testBatch}, step: newStep(t)}
}

func (e *evaluation) run(ctx context.Context) (Results, error) {
	e.step.reset()
	for _, batch := range e.loader.Batches() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := e.step.test(batch); err != nil {
			return nil, fmt.Errorf("train: evaluating: %w", err)
		}
	}
	if err := e.loader.Err(); err != nil {
		return nil, fmt.Errorf("train: evaluating: %w", err)
	}
	results := Results{{Name: "loss", Value: e.step.loss()}}
	for i, m := range e.step.t.Metrics {
		results = append(results, metric.Value{Name: m.Name(), Value: e.step.meters[i].Value()})
	}
	return results, nil
}

// Evaluate measures the loss and the metrics of a dataset.
func (t *Trainer) Evaluate(ctx context.Context, d data.Dataset) (Results, error) {
	if t.Model == nil || t.Loss.Of == nil {
		return nil, fmt.Errorf("train: the Trainer needs a Model and a Loss to evaluate")
	}
	if d == nil || d.Len() == 0 || d.Spec().YType == data.NoTarget {
		return nil, fmt.Errorf("train: evaluating needs samples with targets")
	}
	t.prepare()
	nn.SetTraining(t.Model, false)
	return newEvaluation(t, d).run(ctx)
}

// Predict computes the model's outputs for all samples: [N, ...], for a classifier the probabilities [N, classes].
// For a tensor of inputs see data.FromTensors, or Model.Predict.
func (t *Trainer) Predict(ctx context.Context, d data.Dataset) (*dl.Tensor, error) {
	var all []float32 // outside the arena, which only lends memory
	var shape dl.Shape
	err := t.outputs(ctx, d, func(output *dl.Tensor, _ data.Batch) {
		if all == nil {
			shape = append(dl.Shape{d.Len()}, output.Shape()[1:]...)
			all = make([]float32, 0, output.Size()/output.Dim(0)*d.Len())
		}
		all = append(all, output.Contiguous().Float32s()...)
	})
	if err != nil {
		return nil, err
	}
	return dl.Wrap(all, shape...), nil
}

// Confusion counts which class the model predicts for which. The classes' names are those of the dataset, numbers
// when it has none.
func (t *Trainer) Confusion(ctx context.Context, d data.Dataset) (*metric.ConfusionMatrix, error) {
	if d != nil && d.Spec().YType == data.NoTarget {
		return nil, fmt.Errorf("train: a confusion matrix needs samples with targets")
	}
	var matrix *metric.ConfusionMatrix
	err := t.outputs(ctx, d, func(output *dl.Tensor, b data.Batch) {
		if matrix == nil {
			classes := d.Spec().Classes
			if n := max(output.Size()/output.Dim(0), 2); len(classes) != n {
				classes = metric.NumberedClasses(n)
			}
			matrix = metric.NewConfusionMatrix(classes...)
		}
		matrix.Add(output, b.Y)
	})
	if err != nil {
		return nil, err
	}
	return matrix, nil
}

// Mistake is a sample whose predicted class is not the true one.
type Mistake struct {
	Sample      int // its number in the dataset
	Class       int // the true class
	Predicted   int
	Probability float64 // that the model gives to the predicted class
}

// Mistakes returns the samples that the model gets wrong, those it is surest of first.
func (t *Trainer) Mistakes(ctx context.Context, d data.Dataset) ([]Mistake, error) {
	if d != nil && d.Spec().YType == data.NoTarget {
		return nil, fmt.Errorf("train: mistakes need samples with targets")
	}
	var mistakes []Mistake
	first := 0
	err := t.outputs(ctx, d, func(output *dl.Tensor, b data.Batch) {
		predicted := metric.PredictedClasses(output)
		columns := output.Size() / len(predicted)
		for i, class := range metric.TrueClasses(b.Y) {
			if p := predicted[i]; p != class {
				probability := float64(output.Contiguous().Float32s()[i*columns+min(p, columns-1)])
				if columns == 1 && p == 0 {
					probability = 1 - probability
				}
				mistakes = append(mistakes, Mistake{first + i, class, p, probability})
			}
		}
		first += len(predicted)
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(mistakes, func(a, b Mistake) int { return cmp.Compare(b.Probability, a.Probability) })
	return mistakes, nil
}

// outputs calls f with the model's outputs for each batch; they are valid during the call.
func (t *Trainer) outputs(ctx context.Context, d data.Dataset, f func(output *dl.Tensor, b data.Batch)) error {
	if t.Model == nil {
		return fmt.Errorf("train: the Trainer has no Model")
	}
	if d == nil || d.Len() == 0 {
		return fmt.Errorf("train: no samples to predict")
	}
	t.prepare()
	nn.SetTraining(t.Model, false)
	loader := data.Loader{Dataset: d, BatchSize: testBatch}
	for _, batch := range loader.Batches() {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := dl.Try(func() {
			t.arena.Run(func() {
				dl.NoGrad(func() { f(t.Model.Forward(batch.X), batch) })
			})
		})
		if err != nil {
			return fmt.Errorf("train: predicting: %w", err)
		}
	}
	return loader.Err()
}

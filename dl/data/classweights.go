package data

import (
	"math"
	"slices"

	"modelbook/dl"
)

// ClassWeights are weights for the classes of a dataset, by which all classes count the same in sum, however many
// samples they have: scikit-learn's class_weight="balanced", the number of samples divided by that of classes and by that
// of the class's samples. They are for the field ClassWeights of nn.LossOptions (Keras's class_weight), or, sample by
// sample, for [WithWeights]. A class without samples has the weight 0, and is not counted as one.
func ClassWeights(d Dataset) ([]float64, error) {
	mustHaveClasses("data.ClassWeights", d)
	labels, err := Labels(d)
	if err != nil {
		return nil, err
	}
	classes := len(d.Spec().Classes)
	for i, class := range labels {
		if class < 0 || class > 1<<24 {
			dl.PanicValue("data.ClassWeights", "the target %d of sample %d is not a class number", class, i)
		}
		classes = max(classes, int(class)+1)
	}
	weights := make([]float64, classes)
	for _, class := range labels {
		weights[class]++
	}
	occur := 0
	for _, n := range weights {
		if n > 0 {
			occur++
		}
	}
	for class, n := range weights {
		if n > 0 {
			weights[class] = float64(len(labels)) / (float64(occur) * n)
		}
	}
	return weights, nil
}

// SampleWeights are the weights of samples by their classes: scikit-learn's compute_sample_weight.
func SampleWeights(labels []int32, classWeights []float64) []float64 {
	for class, v := range classWeights {
		if !(v >= 0) || math.IsInf(v, 0) {
			dl.PanicValue("data.SampleWeights", "the weight %v of class %d is not 0 or more, and finite", v, class)
		}
	}
	weights := make([]float64, len(labels))
	for i, class := range labels {
		if class < 0 || int(class) >= len(classWeights) {
			dl.PanicValue("data.SampleWeights", "sample %d has class %d, there are weights for %d classes", i, class, len(classWeights))
		}
		weights[i] = classWeights[class]
	}
	return weights
}

// WithWeights gives each sample of a dataset a weight, by which it counts in the loss, and in metrics that are
// metric.Weighted: a field of the name "weight" and the role Weight (Keras's sample_weight).
func WithWeights(d Dataset, weights []float64) Dataset {
	const op = "data.WithWeights"
	mustBeNumbered(op, d)
	if len(weights) != d.Len() {
		dl.PanicValue(op, "%d weights for %d samples", len(weights), d.Len())
	}
	for _, f := range d.Spec().More {
		if f.Name == "weight" || f.Role == Weight {
			dl.PanicValue(op, "the dataset has weights already, the field %q", f.Name)
		}
	}
	w := &weighing{Dataset: d, weights: make([]float32, len(weights))}
	for i, v := range weights {
		if !(v >= 0) || math.IsInf(v, 0) {
			dl.PanicValue(op, "the weight %v of sample %d is not 0 or more", v, i)
		}
		w.weights[i] = float32(v)
	}
	return w
}

// weighing is a dataset whose samples have weights.
type weighing struct {
	Dataset
	weights []float32
}

func (w *weighing) parts() []Dataset { return []Dataset{w.Dataset} }

func (w *weighing) Spec() Spec { return w.changed(w.Dataset.Spec()) }

// BatchSpec is that of the dataset for the same samples, with their weights.
func (w *weighing) BatchSpec(samples []int) Spec { return w.changed(specOf(w.Dataset, samples)) }

func (w *weighing) changed(s Spec) Spec {
	s.More = append(slices.Clone(s.More), Field{Name: "weight", Role: Weight, Shape: dl.Shape{}, DType: dl.Float32})
	return s
}

func (w *weighing) Read(b Batch, samples []int) error {
	spec := w.BatchSpec(samples)
	if err := b.room(&spec, samples, w.Len()); err != nil {
		return err
	}
	last := len(b.More) - 1
	values := b.More[last].Tensor.Float32s()
	for i, s := range samples {
		values[i] = w.weights[s]
	}
	b.More = b.More[:last]
	return w.Dataset.Read(b, samples)
}

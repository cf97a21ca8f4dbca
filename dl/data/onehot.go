package data

import (
	"fmt"
	"sync"

	"modelbook/dl"
)

// OneHot gives a dataset of class numbers targets [classes] that are 1 at the class and 0 elsewhere.
func OneHot(d Dataset, classes int) Dataset {
	const op = "data.OneHot"
	mustBeDataset(op, d)
	if s := d.Spec(); s.YType != dl.Int32 || len(s.Y) != 0 {
		dl.PanicValue(op, "targets of shape %v and type %v are not class numbers, which are of shape [] and type %v", s.Y, s.YType, dl.Int32)
	}
	if classes < 1 || classes > maxClasses {
		dl.PanicValue(op, "there are no %d classes: 1 to %d", classes, maxClasses)
	}
	return &oneHot{Dataset: d, classes: classes}
}

// maxClasses is the number of classes above which something else is meant.
const maxClasses = 1 << 24

type oneHot struct {
	Dataset
	classes int
	labels  sync.Pool // of int32 tensors [N], scratch of Read: several may be at work at a time
}

func (o *oneHot) Spec() Spec { return o.changed(o.Dataset.Spec()) }

func (o *oneHot) BatchSpec(samples []int) Spec { return o.changed(specOf(o.Dataset, samples)) }

func (o *oneHot) changed(s Spec) Spec {
	s.Y, s.YType = dl.Shape{o.classes}, dl.Float32
	return s
}

func (o *oneHot) Read(b Batch, samples []int) error {
	spec := o.BatchSpec(samples)
	if err := b.room(&spec, samples, o.Len()); err != nil {
		return err
	}
	labels, _ := o.labels.Get().(*dl.Tensor)
	if labels == nil || labels.Size() != len(samples) {
		labels = dl.New(dl.Int32, len(samples))
	}
	defer o.labels.Put(labels)
	inner := b
	inner.Y = labels
	if err := o.Dataset.Read(inner, samples); err != nil {
		return err
	}
	y := b.Y.Float32s()
	clear(y)
	for i, class := range labels.Int32s() {
		if class < 0 || int(class) >= o.classes {
			return fmt.Errorf("data.OneHot: sample %d has class %d, outside 0 to %d", samples[i], class, o.classes-1)
		}
		y[i*o.classes+int(class)] = 1
	}
	return nil
}

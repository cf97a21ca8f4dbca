package metric

// Specificity is the share of right ones among the samples that are not of a class: how rarely it is seen where it is
// not, the true negative rate. Which class, and how several become one value, is as for [Recall]; a class of which all
// samples are has no specificity and is left out of means.
type Specificity struct {
	Class      Class
	Average    Average
	MultiLabel bool
}

// Jaccard is the intersection over the union of the samples of a class and those predicted as it: scikit-learn's
// jaccard_score. Which class, and how several become one value, is as for [F1].
type Jaccard struct {
	Class      Class
	Average    Average
	MultiLabel bool
}

// MeanIoU is the mean over classes of intersection over union, of segmentations: predictions [N, H, W, classes] with
// targets [N, H, W], or [N, H, W, 1] for one class before a background. All places of all samples are counted together,
// and classes that occur in neither are left out, as in Keras's MeanIoU; Class picks one class (Keras's IoU). Places
// whose target is Ignore are left out.
type MeanIoU struct {
	Class  Class
	Ignore Class
}

// Dice is twice the intersection over the sum of both sizes, the mean over classes, of segmentations as for [MeanIoU]:
// the F1 of places.
type Dice struct {
	Class  Class
	Ignore Class
}

// BalancedAccuracy is the mean over classes of the share of their samples that were found, the recall: a frequent class
// counts no more than a rare one. Classes without samples are left out, as in scikit-learn's balanced_accuracy_score.
// With Adjusted, guessing scores 0 and perfection 1.
type BalancedAccuracy struct{ Adjusted bool }

// Name is the name in tables and histories: see [Metric].
func (m Specificity) Name() string { return "specificity" + m.Average.suffix() + m.Class.suffix() }

// Name is the name in tables and histories: see [Metric].
func (m Jaccard) Name() string { return "jaccard" + m.Average.suffix() + m.Class.suffix() }

// Name is the name in tables and histories: see [Metric].
func (m MeanIoU) Name() string {
	if m.Class.chosen {
		return "iou" + m.Class.suffix()
	}
	return "mean_iou"
}

// Name is the name in tables and histories: see [Metric].
func (m Dice) Name() string { return "dice" + m.Class.suffix() }

// Name is the name in tables and histories: see [Metric].
func (m BalancedAccuracy) Name() string { return "balanced_accuracy" }

// Direction says which values are better: see [Directed].
func (m Specificity) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m Jaccard) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m MeanIoU) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m Dice) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m BalancedAccuracy) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (m Specificity) Start() Meter {
	of := specificity
	if m.MultiLabel {
		of = labelSpecificity
	}
	t := newTally("metric.Specificity", of, m.Class, m.Average, m.MultiLabel)
	t.skips = true
	return t
}

// specificity is a quotient of the samples that are not of a class. One whose scores are NaN is not right.
func specificity(c *counts, i int) (float64, float64) {
	others := 0.0
	for j, n := range c.lost {
		if j != i {
			others += n
		}
	}
	return c.total - c.support[i] - (c.predicted[i] - c.hits[i]) - others, c.total - c.support[i]
}

// labelSpecificity is that of a label, whose samples are told from all others by itself.
func labelSpecificity(c *counts, i int) (float64, float64) {
	negatives := c.total - c.support[i]
	return negatives - (c.predicted[i] - c.hits[i]) - c.lost[i], negatives
}

// Start begins a measurement: see [Metric].
func (m Jaccard) Start() Meter {
	return newTally("metric.Jaccard", jaccard, m.Class, m.Average, m.MultiLabel)
}

// Start begins a measurement: see [Metric].
func (m MeanIoU) Start() Meter { return overPlaces("metric.MeanIoU", jaccard, m.Class, m.Ignore) }

// Start begins a measurement: see [Metric].
func (m Dice) Start() Meter { return overPlaces("metric.Dice", fBeta(1), m.Class, m.Ignore) }

func overPlaces(op string, of quotient, class, ignore Class) Meter {
	average := Macro
	if class.chosen {
		average = Usual
	}
	t := newTally(op, of, class, average, false)
	t.ignore = ignore
	return t
}

// Start begins a measurement: see [Metric].
func (m BalancedAccuracy) Start() Meter {
	t := newTally("metric.BalancedAccuracy", recall, Class{}, Macro, false)
	t.skips = true
	return &balanced{t, m.Adjusted}
}

type balanced struct {
	*tally
	adjusted bool
}

func (b *balanced) Value() float64 {
	value := b.tally.Value()
	if !b.adjusted {
		return value
	}
	classes := 0.0
	for _, n := range b.support {
		if n > 0 {
			classes++
		}
	}
	return ratio(value-1/classes, 1-1/classes)
}

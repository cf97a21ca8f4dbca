package metric

import (
	"fmt"
	"math"
	"strconv"

	"modelbook/dl"
)

// ConfusionMatrix counts which class was predicted for which. Counts[i][j] is the number of samples of true class i
// that were predicted as class j; the diagonal holds the right ones.
type ConfusionMatrix struct {
	Classes []string // names, in the order of the class numbers
	Counts  [][]int  // rows: true class, columns: predicted class
}

// NewConfusionMatrix returns an empty matrix for the named classes.
func NewConfusionMatrix(classes ...string) *ConfusionMatrix {
	c := &ConfusionMatrix{Classes: classes, Counts: make([][]int, len(classes))}
	cells := make([]int, len(classes)*len(classes))
	for i := range c.Counts {
		c.Counts[i] = cells[i*len(classes) : (i+1)*len(classes)]
	}
	return c
}

// NumberedClasses returns the names "0", "1", ... for n classes that have no better ones.
func NumberedClasses(n int) []string {
	if n < 0 || n > 1<<24 {
		dl.PanicValue("metric.NumberedClasses", "there are no %d classes", n)
	}
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// Add counts a batch. It panics with a *dl.ShapeError when a class number lies outside the matrix, and with a
// *dl.ValueError when a sample's scores are NaN.
func (c *ConfusionMatrix) Add(prediction, target *dl.Tensor) {
	p := newScores("ConfusionMatrix.Add", prediction)
	t := newLabels(&p, target)
	for i := range p.rows {
		truth, guess := t.class(i), p.class(i)
		if guess == none {
			dl.PanicValue("ConfusionMatrix.Add", "the scores of sample %d are NaN: the model predicts no class", i)
		}
		if n := len(c.Classes); truth < 0 || truth >= n || guess >= n || n != len(c.Counts) {
			dl.PanicShape("ConfusionMatrix.Add", fmt.Sprintf("sample %d of class %d, predicted as %d: the matrix has %d classes",
				i, truth, guess, n), prediction, target)
		}
		c.check("Add", truth)
		c.Counts[truth][guess]++
	}
}

// check panics for a class that the matrix does not have, and for counts that are no matrix.
func (c *ConfusionMatrix) check(method string, class int) {
	for _, row := range c.Counts {
		if len(row) != len(c.Counts) {
			dl.PanicValue("ConfusionMatrix."+method, "Counts has %d rows, and one of %d counts: it is as wide as it is high; make it with NewConfusionMatrix", len(c.Counts), len(row))
		}
	}
	if class < 0 || class >= len(c.Counts) {
		dl.PanicValue("ConfusionMatrix."+method, "there is no class %d; the matrix has %d, numbered from 0", class, len(c.Counts))
	}
}

// Total is the number of samples counted.
func (c *ConfusionMatrix) Total() int {
	total := 0
	for _, row := range c.Counts {
		for _, n := range row {
			total += n
		}
	}
	return total
}

// Support is the number of samples whose true class is i.
func (c *ConfusionMatrix) Support(i int) int {
	c.check("Support", i)
	sum := 0
	for _, n := range c.Counts[i] {
		sum += n
	}
	return sum
}

// Predicted is the number of samples predicted as class j.
func (c *ConfusionMatrix) Predicted(j int) int {
	c.check("Predicted", j)
	sum := 0
	for i := range c.Counts {
		sum += c.Counts[i][j]
	}
	return sum
}

// Accuracy is the share of samples on the diagonal, NaN for an empty matrix.
func (c *ConfusionMatrix) Accuracy() float64 {
	if len(c.Counts) > 0 {
		c.check("Accuracy", 0)
	}
	right := 0
	for i := range c.Counts {
		right += c.Counts[i][i]
	}
	return ratio(right, c.Total())
}

// Precision is the share of right ones among the samples predicted as class i, NaN when none was.
func (c *ConfusionMatrix) Precision(i int) float64 {
	c.check("Precision", i)
	return ratio(c.Counts[i][i], c.Predicted(i))
}

// Recall is the share of the samples of class i that were predicted as such, NaN when there is none.
func (c *ConfusionMatrix) Recall(i int) float64 {
	c.check("Recall", i)
	return ratio(c.Counts[i][i], c.Support(i))
}

// F1 is the harmonic mean of precision and recall of class i, NaN for a class that occurs neither in targets nor in
// predictions.
func (c *ConfusionMatrix) F1(i int) float64 {
	c.check("F1", i)
	return ratio(2*c.Counts[i][i], c.Support(i)+c.Predicted(i))
}

// ratio divides counts; of nothing it is NaN: there is no such share.
func ratio[T int | float64](a, b T) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

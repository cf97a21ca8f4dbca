package metric

import (
	"fmt"
	"strconv"

	"modelbook/dl"
)

// Class picks the class a measure is about. The zero value leaves the choice to the measure; Only(3) is class 3.
type Class struct {
	number int
	chosen bool
}

// Only picks class i.
func Only(i int) Class {
	if i < 0 {
		dl.PanicValue("metric.Only", "there is no class %d; they are numbered from 0", i)
	}
	return Class{i, true}
}

// MarshalText writes the number of the class, "" when none is chosen.
func (c Class) MarshalText() ([]byte, error) {
	if !c.chosen {
		return []byte{}, nil
	}
	return strconv.AppendInt(nil, int64(c.number), 10), nil
}

// UnmarshalText reads what MarshalText wrote.
func (c *Class) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Class{}
		return nil
	}
	n, err := strconv.ParseUint(string(text), 10, 31)
	if err != nil {
		return fmt.Errorf("metric: %.40q is no number of a class", text)
	}
	*c = Only(int(n))
	return nil
}

// is says whether class i is the one that is picked.
func (c Class) is(i int) bool { return c.chosen && c.number == i }

func (c Class) suffix() string {
	if c.chosen {
		return "_" + strconv.Itoa(c.number)
	}
	return ""
}

// Average says how the values of several classes, or labels, become one. The names are scikit-learn's, but for those of
// its "weighted" and "samples".
type Average uint8

const (
	Usual     Average = iota // of two classes the value of class 1, of more classes and of labels Macro
	Macro                    // the mean over the classes that occur in targets or predictions
	Micro                    // one value of the counts of all classes together
	BySupport                // the mean over classes, which count by their samples: scikit-learn's "weighted"
	BySample                 // the mean over samples, of labels only: scikit-learn's "samples"
)

var averages = [...]string{"usual", "macro", "micro", "weighted", "samples"}

// String is scikit-learn's name.
func (a Average) String() string {
	if int(a) < len(averages) {
		return averages[a]
	}
	return "Average(" + strconv.Itoa(int(a)) + ")"
}

func (a Average) suffix() string {
	if a == Usual {
		return ""
	}
	return "_" + a.String()
}

// check panics when a measure cannot be averaged like that.
func (a Average) check(op string, multiLabel bool) {
	switch {
	case int(a) >= len(averages):
		dl.PanicValue(op, "%v is none of Usual, Macro, Micro, BySupport and BySample", a)
	case a == BySample && !multiLabel:
		dl.PanicValue(op, "BySample is the mean over the samples of what each has of several labels: it needs MultiLabel")
	}
}

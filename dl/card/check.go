package card

import (
	"fmt"
	"math"
	"strings"

	"modelbook/dl/metric"
)

// Missing are the required sections that are not filled in, in words; none for a card that can be saved.
func (c *Card) Missing() []string {
	var missing []string
	for _, section := range []struct {
		name string
		ok   bool
	}{
		{"the name (Name)", stated([]string{c.Name})},
		{"what it is for (Uses)", stated(c.Uses)},
		{"what it must not be used for (Misuses)", stated(c.Misuses)},
		{"the data (Data, each with Name and Origin)", len(c.Data) > 0 && each(c.Data, func(d Data) bool { return stated([]string{d.Name}) && stated([]string{d.Origin}) })},
		{"metrics (Metrics, each with Name and a value)", len(c.Metrics) > 0 && each(c.Metrics, func(m Metric) bool { return stated([]string{m.Name}) && !math.IsNaN(m.Model.Value) })},
	} {
		if !section.ok {
			missing = append(missing, section.name)
		}
	}
	return missing
}

func stated(texts []string) bool { return strings.TrimSpace(strings.Join(texts, "")) != "" }

func each[T any](all []T, ok func(T) bool) bool {
	for _, v := range all {
		if !ok(v) {
			return false
		}
	}
	return true
}

// check says what makes no sense in a card, wherever it comes from.
func (c *Card) check() error {
	if missing := c.Missing(); len(missing) > 0 {
		return fmt.Errorf("the card lacks %s", strings.Join(missing, "; "))
	}
	for _, d := range c.Data {
		if d.Examples < 0 {
			return fmt.Errorf("the data %q have %d examples", d.Name, d.Examples)
		}
	}
	if err := checkMetrics(c.Metrics); err != nil {
		return err
	}
	for _, g := range c.Groups {
		for _, row := range g.Groups {
			if len(row.Values) != len(g.Measures) {
				return fmt.Errorf("the group %q by %s has %d values for %d measures", row.Name, g.By, len(row.Values), len(g.Measures))
			}
			if row.Examples < 0 {
				return fmt.Errorf("the group %q by %s has %d examples", row.Name, g.By, row.Examples)
			}
		}
		if err := checkMetrics(g.Criteria); err != nil {
			return err
		}
	}
	if c.Calibration != nil {
		for _, b := range c.Calibration.Bins {
			if !(b.Predicted >= 0 && b.Predicted <= 1 && b.CameTrue >= 0 && b.CameTrue <= 1 && b.Examples >= 0 && !math.IsInf(b.Examples, 0)) {
				return fmt.Errorf("the calibration has a bin with a probability of %v, a share of %v and %v examples", b.Predicted, b.CameTrue, b.Examples)
			}
		}
	}
	if p := c.Privacy; p != nil && !(p.Epsilon >= 0 && p.Delta >= 0 && p.Delta <= 1 && !math.IsInf(p.Epsilon, 0)) {
		return fmt.Errorf("the privacy has an epsilon of %v and a delta of %v; the first is 0 or more, the second from 0 to 1", p.Epsilon, p.Delta)
	}
	if m := c.Model; m.Parameters < 0 || m.Bytes < 0 || m.Trainable < 0 || m.Trainable > m.Parameters {
		return fmt.Errorf("the model has %d parameters, %d of them trained, of %d bytes", m.Parameters, m.Trainable, m.Bytes)
	}
	return nil
}

func checkMetrics(all []Metric) error {
	for _, m := range all {
		if m.Examples < 0 {
			return fmt.Errorf("the metric %q is of %d examples", m.Name, m.Examples)
		}
		if known(m.Model) && m.Model.Low > m.Model.High {
			return fmt.Errorf("the interval of the metric %q is from %v to %v", m.Name, m.Model.Low, m.Model.High)
		}
	}
	return nil
}

// known says whether an interval has its ends.
func known(i metric.Interval) bool {
	return !math.IsNaN(i.Low) && !math.IsNaN(i.High) && !(i.Low == 0 && i.High == 0 && i.Value != 0)
}

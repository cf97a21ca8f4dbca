package train

import (
	"encoding/json"
	"fmt"
	"math"

	"modelbook/dl/metric"
)

// MarshalJSON writes what JSON has no number for, a NaN or an infinity, as null.
func (h *History) MarshalJSON() ([]byte, error) {
	out := jsonHistory{Epochs: h.Epochs, Names: h.Names, Values: map[string][]*float64{}, Directions: h.Directions}
	for name, values := range h.Values {
		column := make([]*float64, len(values))
		for i := range values {
			if !math.IsNaN(values[i]) && !math.IsInf(values[i], 0) {
				column[i] = &values[i]
			}
		}
		out.Values[name] = column
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote; columns must be as long as there are epochs.
func (h *History) UnmarshalJSON(text []byte) error {
	var in jsonHistory
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	for i, epoch := range in.Epochs {
		if epoch < 1 || epoch > 1<<30 || i > 0 && epoch <= in.Epochs[i-1] {
			return fmt.Errorf("the history's epochs are not numbered upwards from 1: %d at place %d", epoch, i+1)
		}
	}
	*h = History{Epochs: in.Epochs, Names: in.Names, Values: map[string][]float64{}, Directions: in.Directions}
	for _, name := range in.Names {
		if h.Values[name] != nil || len(in.Values[name]) != len(in.Epochs) {
			return fmt.Errorf("the history has %d values of %q for %d epochs", len(in.Values[name]), name, len(in.Epochs))
		}
		for _, v := range in.Values[name] {
			if v == nil {
				none := NotMeasured()
				v = &none
			}
			h.Values[name] = append(h.Values[name], *v)
		}
	}
	return nil
}

type jsonHistory struct {
	Epochs []int                 `json:"epochs"`
	Names  []string              `json:"names"`
	Values map[string][]*float64 `json:"values"`

	Directions map[string]metric.Direction `json:"directions,omitempty"`
}

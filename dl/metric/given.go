package metric

import (
	"reflect"

	"modelbook/dl"
)

// inner is the metric that another one measures by.
func inner(op string, m Metric) Metric {
	if v := reflect.ValueOf(m); m == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		dl.PanicValue(op, "Metric is nil; it is what is measured, such as metric.Accuracy{}")
	}
	return m
}

// asLong panics unless the parts of a curve belong together.
func asLong(op string, parts ...[]float64) {
	for _, p := range parts[1:] {
		if len(p) != len(parts[0]) {
			dl.PanicValue(op, "the curve's parts have %d and %d values; a curve is made by the method Curve of a metric", len(parts[0]), len(p))
		}
	}
}

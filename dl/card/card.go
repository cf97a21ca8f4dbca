package card

import "modelbook/dl/metric"

// A Card tells about a model those who did not make it. Texts may be Markdown. The names in JSON are stable.
type Card struct {
	Name     string   `json:"name"`
	Version  string   `json:"version,omitempty"`
	Date     string   `json:"date,omitempty"` // as 2026-11-29
	Summary  string   `json:"summary,omitempty"`
	Authors  []string `json:"authors,omitempty"`
	License  string   `json:"license,omitempty"`  // as SPDX and Hugging Face write it: apache-2.0, cc-by-4.0, other
	Language []string `json:"language,omitempty"` // of texts, by ISO 639: en, zh
	Tags     []string `json:"tags,omitempty"`
	Task     string   `json:"task,omitempty"` // Hugging Face's name: tabular-classification, text-generation

	Uses    []string `json:"uses"`    // what it is for
	Users   []string `json:"users"`   // who is to use it
	Misuses []string `json:"misuses"` // what it must not be used for

	Data        []Data       `json:"data"`
	Baseline    string       `json:"baseline,omitempty"` // what the model is compared with
	Metrics     []Metric     `json:"metrics"`
	Calibration *Calibration `json:"calibration,omitempty"`
	Groups      []Groups     `json:"groups,omitempty"` // the same model for different groups of people or things
	Privacy     *Privacy     `json:"privacy,omitempty"`

	Ethics []string `json:"ethics,omitempty"` // what was considered: who may be harmed, what was done about it
	Limits []string `json:"limits,omitempty"` // where it fails, what was not tested, when to make it anew

	Model       Model       `json:"model"`
	Environment Environment `json:"environment"`
}

// Data are what a model was made from, or measured with.
type Data struct {
	Name     string `json:"name"`
	Origin   string `json:"origin"` // who collected them, when, how
	License  string `json:"license,omitempty"`
	Examples int    `json:"examples"`
	Split    string `json:"split,omitempty"` // which part is for what, and by which rule they were parted
}

// A Metric is a measured value of the model, and of the baseline for the same examples. Low and High of an interval that are
// NaN, or both 0 beside a value that is not, mean that there is none.
type Metric struct {
	Name     string           `json:"name"`
	Type     string           `json:"type,omitempty"` // Hugging Face's name of the metric; "": made of Name
	Model    metric.Interval  `json:"model"`
	Baseline *metric.Interval `json:"baseline,omitempty"`
	Examples int              `json:"examples"`
	Interval string           `json:"interval,omitempty"` // how it was made, such as metric.Bootstrap{}.String()
	Data     string           `json:"data,omitempty"`     // which part: test
}

// Calibration tells how often what was predicted with a probability came true.
type Calibration struct {
	Error metric.Interval `json:"error"` // expected calibration error
	Bins  []Bin           `json:"bins,omitempty"`
	Note  string          `json:"note,omitempty"`
}

// A Bin is an interval of probabilities: the mean of those predicted, and the share of the examples for which it came true.
type Bin struct {
	Predicted float64 `json:"predicted"`
	CameTrue  float64 `json:"came_true"`
	Examples  float64 `json:"examples"` // or their weights
}

// Groups is a table of the same measures for different groups.
type Groups struct {
	By        string   `json:"by"`        // what tells them apart: region, age
	Measures  []string `json:"measures"`  // names of the values
	Groups    []Group  `json:"groups"`    // rows
	Criteria  []Metric `json:"criteria"`  // differences between groups
	Conflicts []string `json:"conflicts"` // what cannot hold together
}

// A Group is a row of [Groups]: a value for each measure, NaN where there is none.
type Group struct {
	Name     string            `json:"name"`
	Examples int               `json:"examples"`
	Values   []metric.Interval `json:"values"`
}

// Privacy is what training reveals of whom. An epsilon of 0 means that there is no such promise, and Note says what was done
// instead.
type Privacy struct {
	Epsilon float64 `json:"epsilon"`
	Delta   float64 `json:"delta"`
	Of      string  `json:"of,omitempty"` // who or what is protected: one customer, one sample
	Note    string  `json:"note,omitempty"`
}

// Model is the size of a model.
type Model struct {
	Kind       string `json:"kind,omitempty"` // what it is: "logistic regression", "network of 3 layers"
	Parameters int    `json:"parameters"`
	Trainable  int    `json:"trainable"`
	Bytes      int64  `json:"bytes"` // of the parameters
}

// Environment is what the model was made with.
type Environment struct {
	Go        string `json:"go,omitempty"`        // go1.26.0
	Platform  string `json:"platform,omitempty"`  // linux/amd64
	Modelbook string `json:"modelbook,omitempty"` // the version of this module, where the program knows it
}

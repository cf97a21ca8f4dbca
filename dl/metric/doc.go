// Package metric measures how good predictions are: accuracy, top-k accuracy, precision, recall, F1, and the confusion
// matrix behind them.
//
// A [Metric] is a description and a plain value, such as metric.Accuracy{}; Start makes the running sum of one pass
// over the data. Predictions are probabilities (or logits, where only their order matters): [N, C] with a column for
// each class, [N, ..., C] for sequences, or [N, 1] or [N] for two classes, where a probability above one half means
// class 1 ([Threshold] is for logits). Targets are class numbers [N] or [N, ...] of any type, or one-hot rows as wide as
// the predictions. A prediction of NaN is never right.
package metric

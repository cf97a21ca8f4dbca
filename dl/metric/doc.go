// Package metric measures how good predictions are.
//
//   - Classes: [Accuracy], [TopK], [BalancedAccuracy], [Precision], [Recall], [F1], [FBeta], [Specificity], [Jaccard], [MCC],
//     [CohenKappa], and the [ConfusionMatrix] with its [Report].
//   - Several labels for each sample: those of these with the field MultiLabel set, [Hamming] among them, and [ExactMatch].
//   - Scores and probabilities: [ROCAUC], [AveragePrecision], [LogLoss], [BrierScore], [CalibrationError], and the curves
//     [ROCCurve], [PRCurve] and [ReliabilityCurve].
//   - Regressions: [MSE], [RMSE], [MAE], [MedianAE], [MAPE], [MSLE], [MaxError], [R2], [ExplainedVariance], [Pearson], [Spearman]
//     and [Kendall].
//   - Segmentations: [MeanIoU] and [Dice]. Rankings: [NDCG], [MRR], [MeanAveragePrecision], [PrecisionAtK], [RecallAtK].
//   - Language: [Perplexity], and of texts [BLEU], [ROUGE], [EditDistance], [WordErrorRate] and [CharacterErrorRate].
//
// A [Metric] is a description and a plain value, such as metric.Accuracy{}; Start makes the running sum of one pass
// over the data. Predictions are probabilities (or logits, where only their order matters): [N, C] with a column for
// each class, [N, ..., C] for sequences, or [N, 1] or [N] for two classes, where a probability above one half means
// class 1 ([Threshold] is for logits). Targets are class numbers [N] or [N, ...] of any type, or one-hot rows as wide as
// the predictions. A prediction of NaN is never right.
//
// A [Bootstrap] says how far chance moves a value: of a metric, or of anything that is computed from rows of data.
//
// All meters take weights of samples (see [Weighted]), and what several machines have measured is put together with
// [Merger]. A value of nothing, such as the recall of a class without samples, is NaN.
package metric

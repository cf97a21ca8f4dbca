// Package fair measures how decisions treat groups of people, and changes models and thresholds so that they treat them more
// alike.
//
// [Measure] compares the groups of some [Decisions]: how often they are selected, how often rightly and wrongly, how well
// probabilities agree with what happens, with intervals by the bootstrap. The names of measures are those of Fairlearn and
// AI Fairness 360. [Report.Conflicts] says which of them cannot hold together for these people, whatever the model.
//
// There are three ways to change something: [Reweigh] weighs the samples before training, [Penalty] adds a term to the loss,
// and [Thresholds] chooses another threshold for each group afterwards, for which the group must be known, and be allowed to
// count, when the decision is made.
//
// No number says that a model is fair. Measures compare what was recorded: where the labels are unjust, or a group is missing
// from the data, they do not see it.
package fair

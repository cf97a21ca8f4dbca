// Package privacy trains models with differential privacy and says what a training reveals.
//
// [DPSGD] fits a train.Trainer so that no single sample of the data changes the model much: each sample's gradient
// is clipped to a norm, and noise hides what remains (Abadi and others, 2016). An [Accountant] says which epsilon
// and delta that is worth. [Attack] tries to tell from a model's losses which samples it was trained with, and
// shows what is left to find.
//
// What a small epsilon means: whoever sees the model, all its checkpoints included, and knows everything about the
// data but whether one sample is in it, can do little better than guess. It does not mean that the model says
// nothing about people: what is true of many, it learns. An epsilon of 1 is strong, one of 10 is weak as a promise,
// though attacks known today mostly fail there, too.
//
// What is not protected: losses and metrics of the training data in a History, which are computed without noise;
// choices made by looking at many trainings of the same data, each of which costs its own epsilon; the size of the
// data set; and the noise's lowest digits, from which an attacker who sees many outputs to the last bit may learn
// something (Mironov, 2012).
//
// The packages below are about data rather than models: anonymous for tables, sealed for encrypted files.
package privacy

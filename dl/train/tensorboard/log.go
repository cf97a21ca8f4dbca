package tensorboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// Log is a callback that writes a training for TensorBoard, as Keras's callback of that name: the run "train" below Dir,
// and the run "validation" beside it where there is one. Their tags are Keras's: epoch_loss, epoch_accuracy and so on,
// epoch_learning_rate; batch_loss and so on with Every; evaluation_loss_vs_iterations of the validation. Epochs are the
// steps of the first, as they count in the History, from 1 (Keras's begin at 0); batches, of all Fits together, those of the
// others. A Fit that goes on with a training writes another file to the same runs; another training needs another Dir, such
// as "logs/rate-0.01", and is shown beside it.
type Log struct {
	Dir        string // of the runs; "": "logs"
	Every      int    // batches between values of batches, Keras's update_freq; 0: those of epochs alone
	Histograms int    // epochs between histograms of the weights, Keras's histogram_freq; 0: none
	Gradients  bool   // histograms of the gradients with them: of the first step of the epoch
	Images     bool   // the weights as images with the histograms, Keras's write_images
	NoGraph    bool   // leaves out the graph; a module of your own has none here: see Writer.Graph
}

// Outward says that of several ranks only the first has the callback: see [train.Outward].
func (Log) Outward() {}

// Start begins to follow a Fit: see [train.Callback].
func (l Log) Start(run *train.Run) (train.Observer, error) {
	if l.Every < 0 || l.Histograms < 0 {
		return nil, fmt.Errorf("Every %d and Histograms %d must not be negative", l.Every, l.Histograms)
	}
	if (l.Gradients || l.Images) && l.Histograms == 0 {
		return nil, errors.New("Gradients and Images are written with Histograms: set it to the epochs between two of them, such as 1")
	}
	if run == nil || run.Trainer == nil {
		return nil, errors.New("a callback is started by Fit: list it in Options.Callbacks")
	}
	if l.Dir == "" {
		l.Dir = "logs"
	}
	w, err := Create(filepath.Join(l.Dir, "train"))
	if err != nil {
		return nil, err
	}
	o := &logger{Log: l, train: w}
	if err := o.describe(run); err != nil {
		w.Close()
		return nil, err
	}
	if l.Gradients {
		return &gradientLogger{logger: o}, nil
	}
	return o, nil
}

// logger is a Log at work.
type logger struct {
	train.Observe
	Log
	train      *Writer
	validation *Writer // nil before there is one
	steps      int     // batches of this and earlier Fits
}

// describe writes what is known before the first epoch.
func (o *logger) describe(run *train.Run) error {
	if !o.NoGraph {
		if nodes, err := nodesOf(run.Model, nil); err == nil { // a module of the user's own needs an input
			e := event(now(), 0)
			e.bytes(eventGraph, graphDef(nodes))
			if err := o.train.write(e); err != nil {
				return err
			}
		}
	}
	text := fmt.Sprintf("%s\n\nbatches of %d\n", run.Trainer, run.BatchSize)
	if s, ok := run.Model.(fmt.Stringer); ok {
		text += "\n```\n" + strings.TrimRight(s.String(), "\n") + "\n```\n"
	}
	return o.train.Text("training", text, 0)
}

// Remember keeps the number of batches for the next Fit.
func (o *logger) Remember() (json.RawMessage, error) { return json.Marshal(o.steps) }

// Recall goes on from it.
func (o *logger) Recall(_ *train.Run, memory json.RawMessage) error {
	return json.Unmarshal(memory, &o.steps)
}

// Batch writes the values of the epoch so far.
func (o *logger) Batch(run *train.Run) error {
	o.steps++
	if o.Every == 0 || o.steps%o.Every != 0 {
		return nil
	}
	values := []message{scalarValue("batch_loss", run.Loss)}
	for _, m := range run.Metrics {
		if train.Measured(m.Value) {
			values = append(values, scalarValue("batch_"+m.Name, m.Value))
		}
	}
	return o.train.values(o.steps, values...)
}

// Epoch writes the values of an epoch, and its histograms.
func (o *logger) Epoch(run *train.Run) error {
	var values, held, evaluated []message
	for _, name := range run.History.Names {
		v := run.History.Last(name)
		if !train.Measured(v) || name == "seconds" || name == "samples_per_second" {
			continue
		}
		if name, ok := strings.CutPrefix(name, "val_"); ok {
			held = append(held, scalarValue("epoch_"+name, v))
			evaluated = append(evaluated, scalarValue("evaluation_"+name+"_vs_iterations", v))
			continue
		}
		values = append(values, scalarValue("epoch_"+name, v))
	}
	if err := o.train.values(run.Epoch, values...); err != nil {
		return err
	}
	if len(held) > 0 {
		if o.validation == nil {
			w, err := Create(filepath.Join(o.Dir, "validation"))
			if err != nil {
				return err
			}
			o.validation = w
		}
		if err := o.validation.values(o.steps, evaluated...); err != nil {
			return err
		}
		if err := o.validation.values(run.Epoch, held...); err != nil {
			return err
		}
	}
	if o.Histograms == 0 || run.Epoch%o.Histograms != 0 {
		return nil
	}
	return o.weights(run)
}

// weights writes the histograms of the parameters, and their images.
func (o *logger) weights(run *train.Run) error {
	for _, p := range nn.NamedParameters(run.Model) {
		name := strings.ReplaceAll(p.Name, ".", "/")
		var values []message
		if h := HistogramOf(p.Value); h.Count > 0 {
			values = append(values, histogramValue(name+"/histogram", h))
		}
		if o.Images {
			if picture := weightPicture(p.Value); picture != nil {
				pictures, err := pictureValues(name+"/image", picture)
				if err != nil {
					return err
				}
				values = append(values, pictures...)
			}
		}
		if len(values) > 0 {
			if err := o.train.values(run.Epoch, values...); err != nil {
				return err
			}
		}
	}
	return nil
}

// The largest pictures of weights, and the most of a parameter: what TensorBoard shows well.
const (
	widestPicture = 1 << 10
	mostPictures  = 3 // as Keras's, which shows three
)

// weightPicture is a parameter as pictures, or nil: a vector as a row, a matrix as it is, the kernels of a convolution
// [height, width, in, out] as the first outputs' means over their inputs.
func weightPicture(w *dl.Tensor) *dl.Tensor {
	if !w.DType().IsFloat() || w.Size() == 0 {
		return nil
	}
	switch s := w.Shape(); len(s) {
	case 1:
		if s[0] <= widestPicture {
			return w.Reshape(1, s[0])
		}
	case 2:
		if s[0] <= widestPicture && s[1] <= widestPicture {
			return w
		}
	case 4:
		if s[0]*s[1] > 1 && s[0] <= widestPicture && s[1] <= widestPicture {
			var first *dl.Tensor
			dl.NoGrad(func() {
				means := w.Mean(2) // [height, width, out]
				first = means.Transpose(2, 0, 1).Slice(0, 0, min(s[3], mostPictures)).Unsqueeze(-1).Clone()
			})
			return first
		}
	}
	return nil
}

// End closes the files.
func (o *logger) End(*train.Run) error { return errors.Join(o.train.Close(), o.validation.Close()) }

// gradientLogger is a logger that looks at gradients, too, which costs memory.
type gradientLogger struct {
	*logger
	due bool
}

// EpochStart says whether the next gradients are looked at.
func (o *gradientLogger) EpochStart(run *train.Run) error {
	o.due = run.Epoch%o.Histograms == 0
	return nil
}

// Gradients writes the histograms of the gradients of an epoch's first step.
func (o *gradientLogger) Gradients(run *train.Run) error {
	if !o.due {
		return nil
	}
	o.due = false
	for _, p := range nn.NamedParameters(run.Model) {
		g := p.Value.Grad()
		if g == nil {
			continue
		}
		if h := HistogramOf(g); h.Count > 0 {
			name := strings.ReplaceAll(p.Name, ".", "/") + "/gradient"
			if err := o.train.values(run.Epoch, histogramValue(name, h)); err != nil {
				return err
			}
		}
	}
	return nil
}

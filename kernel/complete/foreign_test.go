package complete

import (
	"os"
	"strings"
	"testing"
)

// What users of PyTorch, Keras and NumPy type: it is found, or the error names what it is here.
func TestForeignNames(t *testing.T) {
	c := opened(t, "model := &nn.Model{}\nx := dl.Zeros(2)\nloss := x\nopt := &optim.Adam{}\ntrainer := &train.Trainer{}",
		"type Net struct{ Hidden *nn.Dense }\nfunc (n *Net) Parameters() []*nn.Parameter { return nn.ParametersOf(n) }\nnet := &Net{}")
	for _, tt := range []struct{ typed, want string }{ // want is "" for what is found as it is typed
		{"nn.¦Linear", "nn.Dense"},
		{"nn.¦BatchNorm2d", "nn.BatchNorm"},
		{"nn.¦BatchNormalization", "nn.BatchNorm"},
		{"nn.¦Conv2d", "nn.Conv2D"},
		{"nn.¦MaxPool2d", "nn.MaxPool2D"},
		{"nn.¦MaxPooling2D", "nn.MaxPool2D"},
		{"nn.¦AdaptiveAvgPool2d", "nn.AdaptiveAvgPool2D"},
		{"nn.¦GlobalAveragePooling2D", "nn.GlobalAvgPool2D"},
		{"nn.¦CrossEntropyLoss", "nn.SparseCrossEntropy"},
		{"nn.¦NLLLoss", "nn.NLL"},
		{"nn.¦BCEWithLogitsLoss", "nn.BinaryCrossEntropy"},
		{"nn.¦MSELoss", "nn.MSE"},
		{"nn.¦L1Loss", "nn.MAE"},
		{"nn.¦SmoothL1Loss", "nn.SmoothL1"},
		{"nn.¦MultiheadAttention", "nn.MultiHeadAttention"},
		{"nn.¦DynamicCache", "nn.KVCache"},
		{"nn.¦ModuleList", "nn.ParametersOf"},
		{"nn.¦RNN", "nn.SimpleRNN"},
		{"nn.¦Swish", "SiLU"},
		{"nn.¦SparseCategoricalCrossentropy", "nn.SparseCrossEntropy"},
		{"nn.¦Adam", "optim.Adam"},
		{"nn.¦EarlyStopping", "train.EarlyStopping"},
		{"dl.¦Dense", "nn.Dense"},
		{"nn.¦init.xavier_uniform_(w)", "nn.GlorotUniform"},
		{"nn.¦Dropout", ""},
		{"nn.¦Sequential", ""},
		{"nn.¦Embedding", ""},
		{"nn.¦LayerNorm", ""},
		{"nn.¦ReLU", ""},
		{"nn.¦Softmax", ""},
		{"nn.¦Flatten", ""},
		{"nn.¦Module", ""},
		{"nn.¦Parameter", ""},
		{"optim.¦AdamW", ""},
		{"optim.¦SGD", ""},
		{"optim.¦RMSProp", "optim.RMSprop"},
		{"optim.¦StepLR", "optim.Step"},
		{"optim.¦CosineAnnealingLR", "optim.Cosine"},
		{"optim.¦lr_scheduler.StepLR", "optim.Schedule"},
		{"train.¦ModelCheckpoint", "train.Checkpoint"},
		{"train.¦ReduceLROnPlateau", "train.ReduceOnPlateau"},
		{"data.¦DataLoader", "data.Loader"},
		{"data.¦TensorDataset", "data.FromTensors"},
		{"metric.¦SparseCategoricalAccuracy", "metric.Accuracy"},
		{"metric.¦roc_auc_score", "metric.ROCAUC"},
		{"tune.¦GridSearchCV", "tune.Search"},
		{"¦torch.zeros(2, 3)", "dl.Zeros"},
		{"¦torch.tensor([]float32{1})", "dl.Of"},
		{"¦torch.cat(0, x, x)", "dl.Concat"},
		{"¦torch.manual_seed(1)", "dl.Seed"},
		{"¦torch.no_grad()", "dl.NoGrad"},
		{"¦torch.nn.Linear(2, 3)", "nn.Dense"},
		{"¦torch.optim.Adam(p)", "optim.Adam"},
		{"¦torch.unheard(1)", "nn, optim, train"},
		{"¦F.relu(x)", "dl.Tensor.ReLU"},
		{"¦F.softmax(x, 1)", "dl.Tensor.Softmax"},
		{"¦F.cross_entropy(x, x)", "dl.SparseCrossEntropy"},
		{"¦F.max_pool2d(x, 2)", "dl.MaxPool2D"},
		{"¦keras.layers.Dense(3)", "nn.Dense"},
		{"¦keras.Sequential()", "nn.Sequential"},
		{"¦layers.Dropout(0.5)", "nn.Dropout"},
		{"¦tf.keras.layers.BatchNormalization()", "nn.BatchNorm"},
		{"¦callbacks.EarlyStopping(3)", "train.EarlyStopping"},
		{"¦np.array(x)", "dl.Of"},
		{"¦EarlyStopping{}", "train.EarlyStopping"},
		{"¦Linear{}", "nn.Dense"},
		{"¦DataLoader{}", "data.Loader"},
		{"¦Adam{}", "optim.Adam"},
		{"¦Dense{}", "nn.Dense"},
		{"x.¦view(2, 3)", "dl.Tensor.Reshape"},
		{"x.¦numel()", "dl.Tensor.Size"},
		{"x.¦dim()", "dl.Tensor.Rank"},
		{"x.¦t()", "dl.Tensor.T"},
		{"x.¦clamp(0, 1)", "dl.Tensor.Clip"},
		{"x.¦numpy()", "dl.Values"},
		{"x.¦astype(1)", "dl.Tensor.To"},
		{"x.¦requires_grad_()", "dl.Tensor.RequireGrad"},
		{"x.¦masked_fill(x, 0)", "dl.Tensor.MaskedFill"},
		{"x.¦mm(x)", "dl.Tensor.MatMul"},
		{"dl.Zeros(2).¦View(1, 2)", "dl.Tensor.Reshape"},
		{"x.¦Permute", ""},
		{"x.¦Reshape", ""},
		{"loss.¦Backward", ""},
		{"model.¦fit(x, x)", "train.Trainer.Fit"},
		{"model.¦Fit(x, x)", "train.Trainer.Fit"},
		{"model.¦compile()", "train.Trainer"},
		{"model.¦eval()", "nn.SetTraining"},
		{"model.¦state_dict()", "nn.NamedParameters"},
		{"model.¦evaluate(x)", "train.Trainer.Evaluate"},
		{"net.¦train()", "nn.SetTraining"},
		{"net.¦load_state_dict(x)", "nn.LoadParameters"},
		{"opt.¦zero_grad()", "dl.Tensor.ZeroGrad"},
		{"nn.Conv2D{¦KernelSize: 3}", "nn.Conv2D.Kernel"},
		{"nn.Dropout{¦P: 0.5}", "nn.Dropout.Rate"},
		{"optim.Adam{¦LR: 0.5}", "optim.Adam.LearningRate"},
	} {
		code, at := cursor(t, tt.typed)
		if tt.want == "" {
			if _, ok := c.Describe(code, false, nil); !ok {
				t.Errorf("%s is not found", code)
			}
			continue
		}
		names, here := c.Suggest(code, 1, len(string([]rune(code)[:at]))+1)
		if said := suggested(names, here); !strings.Contains(said, tt.want) {
			t.Errorf("%s: %q does not name %s", code, said, tt.want)
		}
	}
	// Names of one's own and of other packages mean nothing elsewhere.
	for _, typed := range []string{"strings.¦view", "¦view", "¦data", "¦size", "var u struct{ X int }\nu.¦view", "¦modle.History", "fmt.¦Linear", "net.¦view"} {
		code, at := cursor(t, typed)
		before := string([]rune(code)[:at])
		if _, here := c.Suggest(code, strings.Count(before, "\n")+1, len(before)-strings.LastIndexByte(before, '\n')); here != "" {
			t.Errorf("%s: %q", typed, here)
		}
	}
}

// Tab finds things under the names that they have elsewhere.
func TestCompleteForeignNames(t *testing.T) {
	c := opened(t, "x := dl.Zeros(2)")
	for _, tt := range []struct{ typed, want string }{
		{"nn.Line¦", "Dense"}, {"nn.batchnormal¦", "BatchNorm"}, {"nn.CrossEnt¦", "SparseCrossEntropy"}, {"nn.Dens¦", "Dense"},
		{"x.view¦", "Reshape"}, {"x.cla¦", "Clip"}, {"optim.CosineAnnealingLR¦", "Cosine"}, {"data.DataLo¦", "Loader"}, {"train.ModelCh¦", "Checkpoint"},
	} {
		code, at := cursor(t, tt.typed)
		if got := texts(c.Complete(code, at)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.typed, got, tt.want)
		}
	}
}

// All that the files of names call ours is there.
func TestFilesOfNames(t *testing.T) {
	c := opened(t)
	text, err := os.ReadFile("../../dl/" + namesFile)
	if err != nil {
		t.Fatal(err)
	}
	all := readNames(string(text))
	if len(all) < 200 {
		t.Errorf("only %d names", len(all))
	}
	seen := map[string]bool{}
	for _, f := range all {
		if f.ours == "" && f.note == "" || f.library == "" {
			t.Errorf("%s says nothing", f.name)
		}
		if seen[f.name] {
			t.Errorf("%s stands twice in the file", f.name)
		}
		seen[f.name] = true
		if f.ours != "" && !there(c, f.ours) {
			t.Errorf("%s: there is no %s", f.name, f.ours)
		}
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != '[' && !strings.Contains(line, " =") {
			t.Errorf("no name: %s", line)
		}
	}
}

// there reports whether a package has a name, maybe with a field or method.
func there(c *Completer, name string) bool {
	parts := strings.Split(name, ".")
	if len(parts) == 3 {
		before := "var v__ " + parts[0] + "." + parts[1] + "\nv__."
		return strings.Contains(" "+texts(c.Complete(before, len([]rune(before))))+" ", " "+parts[2]+" ")
	}
	_, ok := c.Describe(name, false, nil)
	return ok
}

package nn

import (
	"math"
	"testing"

	"modelbook/dl"
)

func init() {
	for _, name := range []string{"SpatialDropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "DropPath"} {
		noCase(name, "random: see TestNoise")
	}
}

// moments are the mean and the deviation of values.
func moments(x *dl.Tensor) (mean, deviation float64) {
	return x.Mean().Item(), x.Std().Item()
}

// While training, the layers change values as their definitions say; in use, and in a model that predicts, they do not.
func TestNoise(t *testing.T) {
	const n = 400
	for name, c := range map[string]struct {
		layer           Layer
		mean, deviation float64 // of what becomes of ones
	}{
		"SpatialDropout":  {SpatialDropout{Rate: 0.25}, 1, math.Sqrt(1.0 / 3)},
		"DropPath":        {DropPath{Rate: 0.25}, 1, math.Sqrt(1.0 / 3)},
		"GaussianDropout": {GaussianDropout{Rate: 0.2}, 1, 0.5},
		"GaussianNoise":   {GaussianNoise{StdDev: 0.3}, 1, 0.3},
	} {
		m := must(Sequential(dl.Shape{4, 3, 50}, c.layer))
		x := dl.Ones(n, 4, 3, 50).RequireGrad()
		if y := m.Predict(x); !y.Equal(x) {
			t.Errorf("%s changes what is predicted", name)
		}
		m.SetTraining(true)
		m.SetRand(dl.NewRand(1))
		y := m.Forward(x)
		tolerance := 0.02
		if name == "DropPath" {
			tolerance = 0.1
		}
		if mean, deviation := moments(y); math.Abs(mean-c.mean) > tolerance || math.Abs(deviation-c.deviation) > tolerance {
			t.Errorf("%s: mean %v, deviation %v", name, mean, deviation)
		}
		y.Sum().Backward()
		if name != "GaussianNoise" && !x.Grad().AllClose(y.Detach(), 1e-6, 1e-6) { // ones times a factor
			t.Errorf("%s: the gradient is not that of the same factors", name)
		}
		m.SetRand(dl.NewRand(1))
		if !m.Forward(x).Equal(y) {
			t.Errorf("%s: other numbers from the same source", name)
		}
		if !m.Predict(x).Equal(x.Detach()) {
			t.Errorf("%s: a model that trains predicts at random", name)
		}
		// All places of a channel, or of a sample, share their fate.
		same := map[string]*dl.Tensor{"SpatialDropout": y.Sub(y.Narrow(1, 0, 1).Narrow(2, 0, 1)), "DropPath": y.Reshape(n, -1).Sub(y.Reshape(n, -1).Narrow(1, 0, 1))}[name]
		if same != nil && same.Abs().Max().Item() != 0 {
			t.Errorf("%s drops a part of a whole", name)
		}
	}
}

// While training, RReLU draws a slope for each negative value; in use it has their mean.
func TestRReLU(t *testing.T) {
	m := must(Sequential(dl.Shape{50}, RReLU{Lower: 0.1, Upper: 0.4}))
	values := dl.Full(-1, 400, 50)
	values.Narrow(1, 0, 10).Fill(2)
	x := values.RequireGrad()
	if y := m.Predict(x); y.Narrow(1, 0, 10).Sub(dl.Full(2, 400, 10)).Abs().Max().Item() != 0 || y.Narrow(1, 10, 40).AddScalar(0.25).Abs().Max().Item() > 1e-6 {
		t.Error("in use it is no LeakyReLU of the mean slope")
	}
	m.SetTraining(true)
	m.SetRand(dl.NewRand(1))
	y := m.Forward(x)
	y.Sum().Backward()
	if !y.Narrow(1, 0, 10).Equal(x.Narrow(1, 0, 10)) {
		t.Error("it changes positive values")
	}
	slopes := y.Narrow(1, 10, 40).Neg().Detach()
	mean, deviation := moments(slopes)
	if slopes.Min().Item() < 0.1 || slopes.Max().Item() > 0.4 || math.Abs(mean-0.25) > 0.005 || math.Abs(deviation-0.3/math.Sqrt(12)) > 0.005 {
		t.Errorf("slopes from %v to %v, mean %v, deviation %v", slopes.Min().Item(), slopes.Max().Item(), mean, deviation)
	}
	if g := x.Grad(); !g.Narrow(1, 10, 40).AllClose(slopes, 1e-6, 1e-6) || g.Narrow(1, 0, 10).AddScalar(-1).Abs().Max().Item() != 0 {
		t.Error("the gradients are not the slopes")
	}
	m.SetRand(dl.NewRand(1))
	if !m.Forward(x).Equal(y) || m.Forward(x).Equal(y) {
		t.Error("the source does not say what is drawn")
	}
}

// AlphaDropout keeps mean and variance of normally distributed inputs.
func TestAlphaDropout(t *testing.T) {
	m := must(Sequential(dl.Shape{1000}, AlphaDropout{Rate: 0.3}))
	x := dl.NewRand(2).Normals(0, 1, 200, 1000)
	if !m.Predict(x).Equal(x) {
		t.Error("it changes what is predicted")
	}
	m.SetTraining(true)
	m.SetRand(dl.NewRand(1))
	y := m.Forward(x)
	if mean, deviation := moments(y); math.Abs(mean) > 0.02 || math.Abs(deviation-1) > 0.02 {
		t.Errorf("mean %v, deviation %v", mean, deviation)
	}
	// What the definition makes of a one that is kept, and of one that is dropped.
	const low = -1.7580993408473766
	a := 1 / math.Sqrt(0.7+low*low*0.7*0.3)
	want := []float64{a*1 - a*low*0.3, a*low - a*low*0.3}
	for _, v := range m.Forward(dl.Ones(10, 1000)).Float32s() {
		if math.Abs(float64(v)-want[0]) > 1e-5 && math.Abs(float64(v)-want[1]) > 1e-5 {
			t.Fatalf("%v is none of %v", v, want)
		}
	}
}

// Layers inside of others are switched and given sources, too.
func TestNoiseInsideContainers(t *testing.T) {
	m := must(Sequential(dl.Shape{4, 3}, Parallel{Branches: [][]Layer{nil, {DropPath{Rate: 0.5}}}},
		TimeDistributed{Layers: []Layer{GaussianDropout{Rate: 0.5}}}, Residual{Layers: []Layer{Dense{Units: 2}}, Shortcut: []Layer{GaussianNoise{StdDev: 1}, Dense{Units: 2}}},
		Regularized{Layer: Residual{Layers: []Layer{AlphaDropout{Rate: 0.5}}}}))
	x := dl.Ones(8, 4, 3)
	rest := m.Predict(x)
	if !m.Forward(x).Equal(rest) {
		t.Error("it is random after building")
	}
	m.SetTraining(true)
	m.SetRand(dl.NewRand(1))
	y := m.Forward(x)
	m.SetRand(dl.NewRand(1))
	if y.Equal(rest) || !m.Forward(x).Equal(y) || !m.Predict(x).Equal(rest) {
		t.Error("not all parts are switched")
	}
	m.SetTraining(false)
	if !m.Forward(x).Equal(rest) {
		t.Error("not all parts are switched back")
	}
}

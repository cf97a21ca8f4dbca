package plotting

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"modelbook/dl"
)

func noise(n int) []float64 {
	r := rand.New(rand.NewPCG(9, 10))
	y := make([]float64, n)
	for i := range y {
		y[i] = 200 * r.Float64()
	}
	return y
}

// BenchmarkNoise draws a line that jumps from value to value, as the loss of every batch does.
func BenchmarkNoise(b *testing.B) {
	for _, n := range []int{300, 3000, 100_000} {
		figure := Line(nil, noise(n))
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				figure.PNG()
			}
		})
	}
}

func BenchmarkCurves(b *testing.B) {
	for _, n := range []int{10, 3000, 40_000} {
		history := training(n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				Curves(history).PNG()
			}
		})
	}
}

func BenchmarkScatter(b *testing.B) {
	figure := Scatter(noise(10_000), normal(10_000))
	for b.Loop() {
		figure.PNG()
	}
}

func BenchmarkConfusion(b *testing.B) {
	for _, n := range []int{10, 300} {
		matrix := many(n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				Confusion(matrix).PNG()
			}
		})
	}
}

func BenchmarkImages(b *testing.B) {
	pictures := strokes(64)
	for b.Loop() {
		Images(pictures).PNG()
	}
}

// BenchmarkPhotos draws pictures that have many more pixels than are seen.
func BenchmarkPhotos(b *testing.B) {
	photos := dl.Uniform(64, 512, 512, 3)
	for b.Loop() {
		Images(photos).PNG()
	}
}

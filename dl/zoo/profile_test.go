package zoo

import (
	"fmt"
	"testing"
)

// torchvision publishes 1.814 GFLOPS for its ResNet-18 and 4.089 for its ResNet-50: multiply-adds for an image of
// 224 x 224, of convolutions and products.
func TestPublishedMultiplyAdds(t *testing.T) {
	for depth, want := range map[int]string{18: "1.814", 50: "4.089"} {
		m, err := ResNet{Depth: depth}.New()
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Profile()
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%.3f", float64(p.Total.MACs)/1e9); got != want {
			t.Errorf("ResNet-%d: %s GMACs, published are %s", depth, got, want)
		}
	}
}

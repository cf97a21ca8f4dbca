package scaling_test

import (
	"fmt"
	"time"

	"modelbook/dl/train/scaling"
)

// model is a network with 4 MB of gradients, complete when Backward is half done.
var model = &scaling.Profile{Name: "a network", Sample: "image", Machine: "a machine",
	Alone:    scaling.Cost{Fixed: 5 * time.Millisecond, Sample: 300 * time.Microsecond},
	Forward:  scaling.Cost{Fixed: 5 * time.Millisecond, Sample: 100 * time.Microsecond},
	Backward: scaling.Cost{Sample: 200 * time.Microsecond},
	Tensors:  []scaling.Gradient{{Values: 1_000_000, Ready: 0.5}}}

// Four nodes on gigabit Ethernet: how long a step takes, and where the time goes.
func ExampleCluster_Step() {
	c := scaling.Cluster{Nodes: 4, Network: scaling.Ethernet(1, 50*time.Microsecond)}
	for _, batch := range []int{64, 1024} {
		s := c.Step(model, batch)
		fmt.Printf("batch %d: %.0f ms, of which sums that Backward does not hide %.0f ms; %.1f times as fast as one node\n",
			batch, s.Total.Seconds()*1e3, s.Shown.Seconds()*1e3, s.Speedup)
	}
	// Output:
	// batch 64: 60 ms, of which sums that Backward does not hide 50 ms; 0.4 times as fast as one node
	// batch 1024: 108 ms, of which sums that Backward does not hide 26 ms; 2.9 times as fast as one node
}

// The smallest batch with which four nodes do 80 % of the work of four that train alone.
func ExampleCluster_Batch() {
	c := scaling.Cluster{Nodes: 4, Network: scaling.Ethernet(1, 50*time.Microsecond)}
	fmt.Println(c.Batch(model, 0.8))
	// Output: 1260 true
}

func ExampleNewPlan() {
	fmt.Println(scaling.NewPlan(model, scaling.Cluster{}, []int{4, 64}, []scaling.Network{
		{"1 Gbit/s", scaling.Ethernet(1, 50*time.Microsecond)},
		{"10 Gbit/s", scaling.Ethernet(10, 50*time.Microsecond)},
	}))
	// Output:
	// a network: 4 MB of gradients; a node takes 5 ms and 300 µs for each image (a machine)
	// nodes  1 Gbit/s: pays from  80 % from  10 Gbit/s: pays from  80 % from
	//     4                  208       1260                    24        212
	//    64                  256     27,008                    64       4992
}

// The time of sums of 100 MB grows little with the ranks, but for numbers that are no power of two.
func ExampleCluster_AllReduce() {
	for _, nodes := range []int{2, 4, 6, 64} {
		c := scaling.Cluster{Nodes: nodes, Network: scaling.Ethernet(10, 50*time.Microsecond)}
		fmt.Println(nodes, c.AllReduce(100e6).Round(time.Millisecond))
	}
	// Output:
	// 2 85ms
	// 4 128ms
	// 6 298ms
	// 64 169ms
}

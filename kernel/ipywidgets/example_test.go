package ipywidgets_test

import (
	"fmt"
	"strings"

	"modelbook/kernel/ipywidgets"
)

// In a cell the slider would be shown, and its function called as it moves; here
// the program moves it.
func ExampleNewIntSlider() {
	degree := ipywidgets.NewIntSlider(3, 1, 10, ipywidgets.Traits{"description": "degree"})
	told := make(chan int)
	degree.OnChange(func(n int) { told <- n })
	degree.SetValue(7)
	fmt.Println("moved to", <-told)
	degree.SetValue(99) // out of bounds
	fmt.Println("moved to", <-told)
	fmt.Println(degree)
	// Output:
	// moved to 7
	// moved to 10
	// IntSlider(description="degree", max=10, min=1, value=10)
}

func ExampleInteract() {
	in := ipywidgets.Interact(func(times int, word string) string { return strings.Repeat(word, times) },
		ipywidgets.Named("times", ipywidgets.Range(1, 5)), ipywidgets.Named("word", "go "))
	for _, control := range in.Controls {
		fmt.Println(control)
	}
	fmt.Println(in.Output.Get("outputs"))
	// Output:
	// IntSlider(description="times", max=5, min=1, value=3)
	// Text(description="word", value="go ")
	// [map[data:map[text/plain:go go go ] metadata:map[] output_type:display_data]]
}

func ExampleNewButton() {
	progress := ipywidgets.NewIntProgress(0, 0, 10)
	start := ipywidgets.NewButton("Start", ipywidgets.Traits{"button_style": "success", "layout": ipywidgets.Traits{"width": "8em"}})
	start.OnClick(func() {
		for i := range 10 {
			progress.SetValue(i + 1)
		}
	})
	box := ipywidgets.NewHBox(start, progress) // as the last expression of a cell it is shown
	fmt.Println(box)
	// Output: HBox(children=2 widgets)
}

func ExampleNewLink() {
	slider, bar := ipywidgets.NewFloatSlider(0.2, 0, 1), ipywidgets.NewFloatProgress(0, 0, 1)
	fmt.Println(ipywidgets.NewLink(slider.Trait("value"), bar.Trait("value")))
	// Output: Link(source=value of a FloatSlider, target=value of a FloatProgress)
}

func ExampleOutput() {
	log := ipywidgets.NewOutput()
	fmt.Fprintln(log, "epoch 1")
	log.Display(map[string]float64{"loss": 0.25})
	for _, output := range log.Get("outputs").([]map[string]any) {
		fmt.Println(output["output_type"])
	}
	// Output:
	// stream
	// display_data
}

func ExampleNewDropdown() {
	rate := ipywidgets.NewDropdown([]float64{0.1, 0.01, 0.001})
	rate.SetIndex(2)
	fmt.Println(rate.Value())
	// Output: 0.001
}

package place

import "testing"

func TestCell(t *testing.T) {
	for file, want := range map[string]int{
		"cell[3]": 3, "/tmp/x/cell[12]": 12, File(7): 7,
		"": -1, "cell[]": -1, "cell[3": -1, "cell[x]": -1, "cell[-1]": -1, "excell[3]": -1, "cell[3]/x.go": -1, "cell[3].go": -1, "main.go": -1,
	} {
		number, ok := Cell(file)
		if !ok {
			number = -1
		}
		if number != want {
			t.Errorf("Cell(%q) = %d, want %d", file, number, want)
		}
	}
}

func TestIndex(t *testing.T) {
	for position, want := range map[string]int{"cell[3]:4:5": 0, "/tmp/cell[3]:4": 5, "x.go:4": -1, "mycell[3]:1": -1} {
		if got := Index(position); got != want {
			t.Errorf("Index(%q) = %d, want %d", position, got, want)
		}
	}
}

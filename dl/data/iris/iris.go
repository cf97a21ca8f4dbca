// Package iris has Fisher's iris flowers: 150 flowers of three species, with the lengths and widths of their sepals and
// petals in centimetres.
//
// The data are those of R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7,
// 1936, with the values of R and scikit-learn (in the copy of the UCI repository, two flowers differ). They are part of
// the package: nothing is downloaded.
package iris

import (
	"bytes"
	_ "embed"

	"modelbook/dl/data"
	"modelbook/dl/data/table"
)

//go:embed iris.csv
var file []byte

// Table is the flowers as a table: sepal_length, sepal_width, petal_length and petal_width, and species, a category of
// setosa, versicolor and virginica, 50 flowers of each one after the other.
func Table() *table.Table {
	t, err := table.CSV{Kinds: map[string]table.Kind{"species": table.Category}}.Read(bytes.NewReader(file), "iris.csv")
	if err != nil {
		panic(err) // the file is part of the package
	}
	return t
}

// Load is the flowers as samples: the input is the four lengths [4], the target the species' number.
//
// They are sorted by species, so that a test part must be drawn: data.StratifiedSplit.
func Load() *data.Tensors { return Table().Dataset("species") }

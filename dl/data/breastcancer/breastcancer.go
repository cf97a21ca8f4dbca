// Package breastcancer has the Breast Cancer Wisconsin (Diagnostic) data: 569 masses of the breast, 357 benign and 212
// malignant, each with 30 measurements of the cell nuclei in an image of what a fine needle has drawn from it.
//
// The data are those of W. H. Wolberg, W. N. Street and O. L. Mangasarian, University of Wisconsin, given to the UCI
// Machine Learning Repository in 1995 (https://doi.org/10.24432/C5DW2B), under the licence CC BY 4.0
// (https://creativecommons.org/licenses/by/4.0), with the values and the order of scikit-learn's load_breast_cancer.
// Changed are the names of the columns; the numbers of the patients were left out. The file is part of the package:
// nothing is downloaded. The measurements are described in W. N. Street, W. H. Wolberg and O. L. Mangasarian, "Nuclear
// feature extraction for breast tumor diagnosis", SPIE 1905, 1993.
//
// Age and origin of the patients are not recorded, and all come from one hospital: what a model does for others, the data
// cannot tell.
package breastcancer

import (
	"bytes"
	_ "embed"

	"modelbook/dl/data"
	"modelbook/dl/data/table"
)

//go:embed breastcancer.csv
var file []byte

// Table is the masses as a table: of each of radius, texture, perimeter, area, smoothness, compactness, concavity,
// concave_points, symmetry and fractal_dimension the mean over the nuclei (mean_radius), its standard error
// (error_radius) and the mean of the three largest (worst_radius); and diagnosis, a category of benign and malignant.
// Lengths are in pixels of the image.
func Table() *table.Table {
	t, err := table.CSV{Kinds: map[string]table.Kind{"diagnosis": table.Category}}.Read(bytes.NewReader(file), "breastcancer.csv")
	if err != nil {
		panic(err) // the file is part of the package
	}
	return t
}

// Load is the masses as samples: the input is the 30 measurements [30], the target 1 for malignant and 0 for benign.
// (In scikit-learn malignant is 0.)
//
// The measurements have very different sizes: see preprocess.StandardScaler.
func Load() *data.Tensors { return Table().Dataset("diagnosis") }

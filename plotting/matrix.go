package plotting

import (
	"fmt"

	"modelbook/dl"
	"modelbook/internal/number"
)

// matrix is a table of numbers.
type matrix struct {
	rows, cols int
	values     []float64
}

func (m matrix) at(i, j int) float64 { return m.values[i*m.cols+j] }

// matrixOf copies a matrix out of what the caller has.
func matrixOf(op string, from any) matrix {
	switch from := from.(type) {
	case nil:
		return matrix{}
	case *dl.Tensor:
		if from.Rank() != 2 {
			panic(&dl.ShapeError{Op: op, Shapes: []dl.Shape{from.Shape()}, Detail: "a matrix has the shape [rows, columns]"})
		}
		return matrix{from.Shape()[0], from.Shape()[1], numbers(op, from)}
	case [][]float64:
		return matrixOfRows(op, from)
	case [][]float32:
		return matrixOfRows(op, from)
	case [][]int:
		return matrixOfRows(op, from)
	case interface { // one of gonum's
		Dims() (rows, columns int)
		At(i, j int) float64
	}:
		m := matrix{}
		m.rows, m.cols = from.Dims()
		for i := range m.rows {
			for j := range m.cols {
				m.values = append(m.values, from.At(i, j))
			}
		}
		return m
	}
	panic(fmt.Sprintf("%s: cannot take a matrix out of a %T: give a *dl.Tensor [rows, columns], a slice of rows or a mat.Matrix", op, from))
}

func matrixOfRows[T float64 | float32 | int](op string, rows [][]T) matrix {
	m := matrix{rows: len(rows)}
	for i, row := range rows {
		if i == 0 {
			m.cols = len(row)
		}
		if len(row) != m.cols {
			panic(fmt.Sprintf("%s: row %d has %s, the first has %d: a matrix has rows of one length", op, i, number.Plural(len(row), "value", "values"), m.cols))
		}
		for _, v := range row {
			m.values = append(m.values, float64(v))
		}
	}
	return m
}

// ColumnsOf are the columns of a matrix, a *dl.Tensor [N, columns] or rows of numbers, with their names: the features of
// a data set, for [Correlation], [Pairs], [Boxes] and the others that compare groups. Or they are the columns of a table,
// which knows their names: all of them, or those that are named.
func ColumnsOf(x any, names ...string) []Group {
	if t, ok := x.(interface {
		Names() []string
		Tensor(names ...string) *dl.Tensor
	}); ok {
		x = t.Tensor(names...)
		if len(names) == 0 {
			names = t.Names()
		}
	}
	m := matrixOf("plotting.ColumnsOf", x)
	groups := make([]Group, m.cols)
	for j := range groups {
		column := make([]float64, m.rows)
		for i := range column {
			column[i] = m.at(i, j)
		}
		groups[j] = Group{Name: fmt.Sprint(j), Values: column}
		if j < len(names) {
			groups[j].Name = names[j]
		}
	}
	return groups
}

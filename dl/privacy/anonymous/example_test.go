package anonymous_test

import (
	"fmt"

	"modelbook/dl/data/table"
	"modelbook/dl/privacy/anonymous"
)

func patients() *table.Table {
	return table.New(
		table.Strings("name", "Ada", "Ben", "Cem", "Dora", "Eva", "Finn", "Gül", "Hans"),
		table.Ints("age", 28, 29, 36, 35, 47, 52, 49, 50),
		table.Strings("postcode", "13053", "13068", "13068", "13053", "14853", "14850", "14850", "14853"),
		table.Strings("illness", "flu", "asthma", "flu", "cancer", "cancer", "flu", "asthma", "flu"),
	)
}

// Names become pseudonyms, age and postal code coarser, until each row is like another one.
func ExampleMondrian() {
	key := []byte("0123456789abcdef0123456789abcdef") // of an example; NewKey makes one
	pseudonyms, err := anonymous.NewPseudonyms(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	t := patients()
	t = t.With(pseudonyms.Column(t.Column("name"), "patients"))
	out, report, err := anonymous.Mondrian{K: 2, Quasi: []string{"age", "postcode"}, Sensitive: []string{"illness"}, L: 2}.Apply(t)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out.Drop("name"))
	fmt.Println(report)
	// Output:
	// age       postcode     illness
	// 0  [28, 29]  13053|13068  flu
	// 1  [28, 29]  13053|13068  asthma
	// 2  [35, 36]  13053|13068  flu
	// 3  [35, 36]  13053|13068  cancer
	// 4  [47, 50]  14853        cancer
	// 5  [49, 52]  14850        flu
	// 6  [49, 52]  14850        asthma
	// 7  [47, 50]  14853        flu
	// 8 rows, 3 columns
	// 8 of 8 rows, 0 left out
	// 4 classes, the smallest of 2 rows
	// illness: at least 2 different values in a class (by entropy 2.00), at most 0.250 from the table
	// a class has 1.00 times the rows of the smallest; discernibility 16
	// age lost 8.3 % of what it told
	// postcode lost 16.7 % of what it told
}

func ExampleMeasure() {
	fmt.Println(anonymous.Measure(patients(), []string{"postcode"}, "illness"))
	// Output:
	// 4 classes, the smallest of 2 rows
	// illness: at least 2 different values in a class (by entropy 2.00), at most 0.250 from the table
}

// By hand: coarser columns, and the rows that are alone still left out.
func ExampleSuppress() {
	t := patients().Drop("name")
	coarse := t.With(anonymous.Bands(t.Column("age"), 10)).With(anonymous.Prefix(t.Column("postcode"), 4))
	out, left := anonymous.Suppress(coarse, 2, "age", "postcode")
	fmt.Println(left, "rows left out")
	fmt.Println(out)
	fmt.Println(anonymous.Compare(t, out, []string{"age", "postcode"}, "illness"))
	// Output:
	// 4 rows left out
	//    age       postcode  illness
	// 0  [40, 50)  1485*     cancer
	// 1  [50, 60)  1485*     flu
	// 2  [40, 50)  1485*     asthma
	// 3  [50, 60)  1485*     flu
	// 4 rows, 3 columns
	// 4 of 8 rows, 4 left out
	// 2 classes, the smallest of 2 rows
	// illness: at least 1 different values in a class (by entropy 1.00), at most 0.500 from the table
	// a class has 1.00 times the rows of the smallest; discernibility 40
	// age lost 66.7 % of what it told
	// postcode lost 100.0 % of what it told
}

func ExampleUp() {
	cities := table.Strings("city", "Lyon", "Bonn", "Paris", "Köln")
	tree := anonymous.Tree{"Lyon": "France", "Paris": "France", "Bonn": "Germany", "Köln": "Germany"}
	c := anonymous.Up(cities, tree, 1)
	for i := range c.Len() {
		fmt.Println(c.Text(i))
	}
	fmt.Println(tree)
	// Output:
	// France
	// Germany
	// France
	// Germany
	// France: Lyon, Paris
	// Germany: Bonn, Köln
}

func ExamplePseudonyms_Of() {
	p, err := anonymous.NewPseudonyms([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Of("patients", "Ada"))
	fmt.Println(p.Of("patients", "Ada") == p.Of("visits", "Ada"))
	// Output:
	// O6JYLC3WPG2J5O45MAEKVFUU4E
	// false
}

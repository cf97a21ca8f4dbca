package cell_test

import (
	"fmt"

	"modelbook/kernel/cell"
)

func ExampleParse() {
	c, err := cell.Parse(`%cd data
import "os"

func size(name string) int64 {
	info, _ := os.Stat(name)
	return info.Size()
}
n := size("train.idx")
n / 784`, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cmd := range c.Commands {
		fmt.Println("command:", cmd.Name, cmd.Args)
	}
	for _, p := range c.Decls {
		fmt.Printf("declaration in line %d: %.15q...\n", p.Line, p.Text)
	}
	for _, p := range c.Stmts {
		fmt.Printf("statement in line %d: %s\n", p.Line, p.Text)
	}
	// Output:
	// command: %cd [data]
	// declaration in line 2: "import \"os\""...
	// declaration in line 4: "func size(name "...
	// statement in line 8: n := size("train.idx")
	// statement in line 9: n / 784
}

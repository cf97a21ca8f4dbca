package engine

import "testing"

func TestMistypedNames(t *testing.T) {
	nb := open(t)
	nb.run("type point struct{ Width, Height int }\npt, total := point{}, 1")
	nb.fails("fmt.Println(totla)", "CompileError", "cell[2]:1:13: undefined: totla (did you mean total?)")
	nb.fails("pt.Widht", "CompileError", "pt.Widht undefined (type point has no field or method Widht) (did you mean Width?)")
	nb.fails("point{Heigth: 1}", "CompileError", "unknown field Heigth in struct literal of type point (did you mean Height?)")
	nb.fails("func f() int {\n\treturn strngs.Count(\"a\", \"b\")\n}", "CompileError", "cell[5]:2:9: undefined: strngs (did you mean strings?)")
	nb.fails("fmt.println()", "CompileError", "undefined: fmt.println (but have Println)")
	nb.fails("nothingLikeIt", "CompileError", "undefined: nothingLikeIt")
	nb.fails("import \"strngs\"\nstrngs.X()", "ImportError", `cell[8]:1:8: ImportError: there is no package "strngs" in the standard library (did you mean "strings"?); paths of other modules begin with a domain`)
}

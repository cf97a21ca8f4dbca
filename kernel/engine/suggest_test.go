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

// Names of other libraries, and types that are called as if they were classes.
func TestNamesOfOtherLibraries(t *testing.T) {
	nb := &notebook{t: t, Engine: newEngineAt(t, ownHome(t))}
	nb.run("x := dl.Zeros(2, 3)\nmodel := &nn.Model{}\ntype point struct{ X int }")
	nb.fails("nn.Linear{}", "CompileError", "cell[2]:1:4: undefined: nn.Linear (PyTorch's nn.Linear is nn.Dense here: the activation of that name is nn.Identity)")
	nb.fails("y := torch.zeros(2, 3)", "CompileError", "undefined: torch (PyTorch's torch.zeros is dl.Zeros here)")
	nb.fails("F.relu(x)", "CompileError", "undefined: F (PyTorch's F.relu is dl.Tensor.ReLU here)")
	nb.fails("x.view(3, 2)", "CompileError", "(PyTorch's Tensor.view is dl.Tensor.Reshape here)")
	nb.fails("model.fit(x, x)", "CompileError", "(Keras's fit is train.Trainer.Fit here)")
	nb.fails("x.backward()", "CompileError", "but does have method Backward")
	nb.fails("stop := EarlyStopping{}", "CompileError", "undefined: EarlyStopping (there is train.EarlyStopping)")
	nb.fails("nn.Dropout(0.5)", "CompileError", "to type nn.Dropout (a struct is made with braces: nn.Dropout{Rate: ...})")
	nb.fails("nn.Conv2D(32, 3)", "CompileError", "too many arguments in conversion to nn.Conv2D (a struct is made with braces: nn.Conv2D{Filters: ...})")
	nb.fails("nn.Dense()", "CompileError", "missing argument in conversion to nn.Dense (a struct is made with braces: nn.Dense{Units: ...})")
	nb.fails("point(1)", "CompileError", "(a struct is made with braces: point{X: ...})")
	nb.fails(`int("1")`, "CompileError", `cannot convert "1" (untyped string constant) to type int`)
}

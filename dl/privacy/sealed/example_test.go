package sealed_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"modelbook/dl"
	"modelbook/dl/data/table"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/privacy/sealed"
	"modelbook/dl/train"
)

// A checkpoint goes from memory to an encrypted file, and back.
func ExampleSave() {
	dir, err := os.MkdirTemp("", "sealed")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.ckpt.age")

	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.Adam{}}
	key, err := sealed.NewKey()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("saved:", sealed.Save(path, key, trainer.WriteCheckpoint))
	fmt.Println("loaded:", sealed.Load(path, key, trainer.ReadCheckpoint))

	other, err := sealed.NewKey()
	if err != nil {
		fmt.Println(err)
		return
	}
	err = sealed.Load(path, other, trainer.ReadCheckpoint)
	fmt.Println("with another key:", errors.Is(err, sealed.ErrWrongKey))
	// Output:
	// saved: <nil>
	// loaded: <nil>
	// with another key: true
}

// A table for a colleague, whose public key is all that is needed to seal it.
func ExampleSaveFor() {
	dir, err := os.MkdirTemp("", "sealed")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "patients.csv.age")

	mine, err1 := sealed.NewKey()
	theirs, err2 := sealed.NewKey()
	public, err3 := theirs.Public()
	if err := errors.Join(err1, err2, err3); err != nil {
		fmt.Println(err)
		return
	}
	t := table.New(table.Strings("name", "Ada", "Ben"), table.Ints("age", 36, 41))
	if err := sealed.SaveFor(path, []sealed.Key{mine, public}, t.WriteCSV); err != nil {
		fmt.Println(err)
		return
	}
	var back *table.Table
	err = sealed.Load(path, theirs, func(r io.Reader, _ int64) (err error) {
		back, err = table.CSV{}.Read(r, "patients.csv")
		return err
	})
	fmt.Println(back, err)
	// Output:
	//    name  age
	// 0  Ada    36
	// 1  Ben    41
	// 2 rows, 2 columns <nil>
}

package main

import (
	"fmt"
	"os"
	"plugin"

	"modelbook/kernel/worker/rt"
)

// try loads and runs plugins one after another, without a kernel. The
// installation tests in this way what the toolchain makes.
func try(plugins []string) {
	for _, file := range plugins {
		if _, err := plugin.Open(file); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		rt.Loaded.Body()
		fmt.Println()
	}
}

module modelbook/dl/dist

go 1.26

require modelbook v0.0.0

require (
	github.com/google/renameio/v2 v2.0.2 // indirect
	golang.org/x/sys v0.38.0 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
)

replace modelbook => ../..

//go:build !amd64 || purego

package vec

// Only sets with masks have these kernels.

func (b *rowBlock) softmax()      { panic("vec: no kernel") }
func (b *rowBlock) softmaxAgain() { panic("vec: no kernel") }
func (b *rowBlock) dots()         { panic("vec: no kernel") }
func (b *rowBlock) times()        { panic("vec: no kernel") }

func (b *normBlock) norm()     { panic("vec: no kernel") }
func (b *normBlock) gradient() { panic("vec: no kernel") }

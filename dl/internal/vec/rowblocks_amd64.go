//go:build amd64 && !purego

package vec

import "unsafe"

func (b *rowBlock) softmax()      { softmaxRowsAVX512((*byte)(unsafe.Pointer(b))) }
func (b *rowBlock) softmaxAgain() { softmaxAgainRowsAVX512((*byte)(unsafe.Pointer(b))) }
func (b *rowBlock) dots()         { dotPairsAVX512((*byte)(unsafe.Pointer(b))) }
func (b *rowBlock) times()        { scaleRowsAVX512((*byte)(unsafe.Pointer(b))) }

func (b *normBlock) norm()     { layerNormRowsAVX512((*byte)(unsafe.Pointer(b))) }
func (b *normBlock) gradient() { layerNormGradRowsAVX512((*byte)(unsafe.Pointer(b))) }

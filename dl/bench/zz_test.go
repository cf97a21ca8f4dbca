package main
import ("testing";"time")
func TestZZ(t *testing.T){ w,_:=named("resnet18"); m,err:=measure(w,"train",1,0,0,10*time.Second); t.Log(m,err)}

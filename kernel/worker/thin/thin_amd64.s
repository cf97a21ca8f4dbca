#include "textflag.h"

TEXT runtime·addmoduledata(SB), NOSPLIT|NOFRAME, $0-0
	JMP modelbook∕kernel∕worker∕thin·workerAddModuledata(SB)

#include "textflag.h"

TEXT ·first(SB), NOSPLIT|NOFRAME, $0-0
	JMP modelbook∕kernel∕worker∕thin·workerAddModuledata(SB)

TEXT runtime·addmoduledata(SB), NOSPLIT|NOFRAME, $0-0
	JMP modelbook∕kernel∕worker∕thin·workerAddModuledata(SB)

#include "textflag.h"

TEXT runtime·addmoduledata(SB), NOSPLIT|NOFRAME, $0-0
	B modelbook∕kernel∕worker∕thin·workerAddModuledata(SB)

"""After `warm_up` nothing is left to compile: a server's first request waits for nothing."""

import subprocess
import sys

ASK = """
import sys
from tansiq.conflict.warm import warm_up
warm_up()
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher
kernels = {
    f"{module.__name__}.{name}": kernel
    for module in list(sys.modules.values()) if module.__name__.startswith("tansiq.conflict.")
    for name, kernel in vars(module).items()
    if isinstance(kernel, Dispatcher) and kernel.__module__ == module.__name__
    and isinstance(kernel._cache, FunctionCache)
}
print(len(kernels))
print([name for name, kernel in kernels.items() if not kernel.signatures])
"""


def test_every_kernel_is_ready_after_warming_up() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    count, cold = done.stdout.splitlines()
    assert int(count) > 10
    assert cold == "[]"

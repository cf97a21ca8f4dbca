"""What a kernel costs that does nothing, and how long it takes to start."""

import os
import statistics
import time

from harness import Kernel, descendants, main


def memory(pid):
    """The process's resident and its own (proportional) memory in MB."""
    with open(f"/proc/{pid}/smaps_rollup") as f:
        found = dict(line.split(":") for line in f.read().splitlines()[1:])
    return [int(found[k].split()[0]) / 1024 for k in ("Rss", "Pss")]


def processor(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_idle(k):
    k.good('x := 1\nfmt.Println("hello")')
    time.sleep(2)
    kernel = k.manager.provisioner.pid
    pids = [kernel] + descendants(kernel)
    before = sum(map(processor, pids))
    seconds = 5
    time.sleep(seconds)
    used = sum(map(processor, pids)) - before
    for pid in pids:
        with open(f"/proc/{pid}/comm") as f:
            name = f.read().strip()
        rss, pss = memory(pid)
        print(f"      {name}: {rss:.0f} MB resident, {pss:.0f} MB its own")
    print(f"      processor time in {seconds} idle seconds: {used:.2f} s ({100 * used / seconds:.1f} %)")
    assert memory(kernel)[0] < 100, "the kernel takes more than 100 MB"
    assert used < seconds * 0.05, "an idle kernel works"


def test_start():
    """From the start of the process to the idle of the first request."""
    took = []
    for _ in range(5):
        started = time.time()
        k = Kernel()
        k.published(k.shell("kernel_info_request"))
        took.append(time.time() - started)
        started = time.time()
        k.good("1")
        first = time.time() - started
        k.close()
    print(f"      start to first idle: median {statistics.median(took):.2f} s, worst {max(took):.2f} s; first cell after that {first:.2f} s")


main(globals())

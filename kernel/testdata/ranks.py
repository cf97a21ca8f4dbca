"""Ranks (%mpirun) as a client sees them: output, errors and interrupts."""

import harness
from harness import gone, main, streams

harness.TIMEOUT = 300  # the first program compiles all that ranks import


def test_rank_0_prints_into_the_cell(k):
    found = k.good('func hello() { fmt.Println("rank", os.Getenv("OMPI_COMM_WORLD_RANK"), "of", os.Getenv("OMPI_COMM_WORLD_SIZE")) }\n%mpirun -n 2 hello')
    assert streams(found) == "rank 0 of 2\n", found


def test_the_error_of_the_cell_names_the_rank_and_its_host(k):
    k.good('func fails() error {\n\tif os.Getenv("OMPI_COMM_WORLD_RANK") == "1" {\n\t\treturn errors.New("no paper")\n\t}\n\tselect {}\n}')
    content, found = k.run("%mpirun -n 2 fails")
    host = open("/proc/sys/kernel/hostname").read().strip()
    assert content["status"] == "error", content
    assert (content["ename"], content["evalue"]) == ("RankError", f"rank 1 on {host}: no paper"), content
    errors = [m["content"]["evalue"] for m in found if m["msg_type"] == "error"]
    assert errors == [content["evalue"]] and streams(found, "stderr").count("no paper") == 0, found


def interrupted(k, code):
    """Interrupts ranks of which the first has printed its process, which then ends."""
    msg_id = k.send(code)
    text = streams(k.wait_output(msg_id, "\n"))
    while "process" not in text:  # a note that the program is built
        text += streams(k.wait_output(msg_id, "\n"))
    k.reply(k.control("interrupt_request"), "control")
    content = k.reply(msg_id)["content"]
    assert content["status"] == "error" and content["ename"] == "Interrupted", content
    gone(int(text.split()[1]), 20)
    k.good("1 + 1")


def test_an_interrupt_ends_ranks_that_listen(k):
    interrupted(k, 'func listens(ctx context.Context) {\n\tfmt.Println("process", os.Getpid())\n\t<-ctx.Done()\n}\n%mpirun -n 2 listens')


def test_an_interrupt_ends_ranks_that_do_not(k):
    interrupted(k, 'func deaf() {\n\tfmt.Println("process", os.Getpid())\n\tselect {}\n}\n%mpirun -n 2 deaf')


main(globals())

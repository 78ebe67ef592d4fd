from mycaffe_py.evaluate.timing.machine import peak_gflops, this_machine


def test_the_machine_has_a_name_and_cores() -> None:
    machine = this_machine()
    assert machine.cores >= 1
    assert machine.processor
    assert str(machine).startswith(f"{machine.processor}, {machine.cores} cores, Python 3.")


def test_the_peak_is_that_of_a_compiled_product() -> None:
    # Loops in plain Python reach a thousandth of it, and no core reaches a thousand times it.
    assert 1 < peak_gflops() < 10_000

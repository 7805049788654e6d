"""Output of nvidia-smi: invented after the program's manual, but for what names its origin."""

from __future__ import annotations

from tomobatch.machines.gpus import Gpu, parse_gpus

QUERY = """\
0, GPU-5c89852c-d268-c3f3-1b07-005d5ae1dc3f, NVIDIA A100-SXM4-40GB, 40960, 11, 0
1, GPU-00000000-1111-2222-3333-444444444444, Odd, name, 40960, [N/A], [Not Supported]
"""
LIST = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89852c-d268-c3f3-1b07-005d5ae1dc3f)
  MIG 3g.20gb     Device  0: (UUID: MIG-c7384736-a75d-5afc-978f-d2f1294409fd)
  MIG 1g.5gb      Device  1: (UUID: MIG-a28ad590-3fda-56dd-84fc-0a0b96edc58d)
GPU 1: Odd, name (UUID: GPU-00000000-1111-2222-3333-444444444444)
"""
FIRST, SECOND = "GPU-5c89852c-d268-c3f3-1b07-005d5ae1dc3f", "GPU-00000000-1111-2222-3333-444444444444"


def test_what_is_not_said_is_not_known():
    assert parse_gpus(QUERY, "") == [
        Gpu("0", FIRST, "NVIDIA A100-SXM4-40GB", 40960, 11, 0),
        Gpu("1", SECOND, "Odd, name", 40960, None, None),
    ]


def test_the_parts_of_a_gpu_stand_in_its_place():
    found = parse_gpus(QUERY, LIST)
    assert [(gpu.index, gpu.uuid) for gpu in found] == [
        ("0:0", "MIG-c7384736-a75d-5afc-978f-d2f1294409fd"),
        ("0:1", "MIG-a28ad590-3fda-56dd-84fc-0a0b96edc58d"),
        ("1", SECOND),
    ]
    assert found[1].name == "NVIDIA A100-SXM4-40GB MIG 1g.5gb"
    assert found[1].memory_total_mib is None


def test_lines_of_another_shape_are_passed_over():
    assert parse_gpus("No devices were found\n", "") == []
    assert parse_gpus("WARNING: infoROM is corrupted at gpu 0000:01:00.0\n" + QUERY, "")[0].uuid == FIRST
    assert parse_gpus("0, GPU-1\n\n,,,,,\n", "") == []


# As Azure's page "Create a multi-instance GPU node pool in AKS" prints it, and as a driver 440.64 answered in
# the issue Ricks-Lab/gpu-utils #83 (the columns asked for here, in their order).
SHOWN_LIST = """\
GPU 0: NVIDIA A100 40GB PCIe (UUID: GPU-48aeb943-9458-4282-da24-e5f49e0db44b)
MIG 1g.5gb     Device  0: (UUID: MIG-fb42055e-9e53-5764-9278-438605a3014c)
MIG 1g.5gb     Device  1: (UUID: MIG-3d4db13e-c42d-5555-98f4-8b50389791bc)
"""
SHOWN_QUERY = "0, GPU-22b2c6ac-2d49-4863-197c-9c469071178a, GeForce RTX 2080, 7979, N/A, 86\n"


def test_genuine_answers_are_read():
    query = "0, GPU-48aeb943-9458-4282-da24-e5f49e0db44b, NVIDIA A100 40GB PCIe, 40960, [N/A], [N/A]\n"
    parts = [gpu.uuid for gpu in parse_gpus(query, SHOWN_LIST)]
    assert parts == ["MIG-fb42055e-9e53-5764-9278-438605a3014c", "MIG-3d4db13e-c42d-5555-98f4-8b50389791bc"]
    (gpu,) = parse_gpus(
        SHOWN_QUERY, "GPU 0: GeForce RTX 2080 (UUID: GPU-22b2c6ac-2d49-4863-197c-9c469071178a)\n"
    )
    assert (gpu.name, gpu.memory_used_mib, gpu.utilisation_percent) == ("GeForce RTX 2080", None, 86)

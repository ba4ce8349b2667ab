"""Days of nodes on failing disks, wrong clocks and bad links: healed, what was told is there, once, and all agree.

TANSIQ_WORLDS says how many seeds; 300 where it says nothing.
"""

import os

import pytest

from tansiq.sim.world import World, WorldFault, world_of

WORLDS = int(os.environ.get("TANSIQ_WORLDS", "300"))
AT_A_TIME = 10


@pytest.mark.parametrize("first", range(0, WORLDS, AT_A_TIME))
def test_healed_all_that_was_told_is_everywhere_and_the_records_agree(first: int) -> None:
    for seed in range(first, min(first + AT_A_TIME, WORLDS)):
        try:
            world_of(seed)
        except (WorldFault, AssertionError) as fault:
            pytest.fail(f"{fault}\npython -c 'from tansiq.sim.world import world_of; world_of({seed})'")


def test_a_seed_gives_the_same_world_again() -> None:
    logs = []
    for _ in range(2):
        world = world_of(7)
        logs.append([(name, node.store.leaves(key)) for name, node in world.nodes.items() for key in node.channels])
    assert logs[0] == logs[1]


def test_the_worlds_do_what_they_are_to_withstand() -> None:
    worlds = [World(seed) for seed in range(40)]
    for world in worlds:
        world.run(13)
    members = [member for world in worlds for member in world.members.values()]
    assert any(member.restored for member in members)
    assert any(member.clock.off_us for member in members)
    assert any(member.rotations for member in members)
    assert any(world.files for world in worlds)
    assert sum(len(member.told) for member in members) > 30
    assert {len(world.names) for world in worlds} >= {2, 3}

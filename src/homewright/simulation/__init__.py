"""A small seeded home, for the demo: twelve weeks of two people, their habits, and all that gets in the way.

    calendar    which days are workdays, holidays, sick days, trips
    people      who is in which room when
    habits      what they do as a rule: the ground truth
    noise       what else happens: sensors, a robot, the house's own automations, whims
    world       lets it all happen in order; only real changes of state are written

It knows nothing of the miners and they know nothing of it. To be replaced by the simulator of the training module: who
uses it needs `write_demo_home` and `DemoHome` only.
"""

from homewright.simulation.writing import DemoHome, write_demo_home

__all__ = ["DemoHome", "write_demo_home"]

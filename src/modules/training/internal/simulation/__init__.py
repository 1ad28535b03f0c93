"""Seeded homes: people, their habits, and all that gets in the way; with what is true of them written down.

    place, calendar      sun and seasons; workdays, holidays, trips, sick days, guests
    devices, households  eight kinds of home: rooms, things, people
    people               who is in which room when
    habits, planting     what they do as a rule: the ground truth
    noise, readings      what else happens: sensors, a robot, automations, whims, numbers
    world, living        lets it all happen in order
    nullhome, outages    the same without habits; what the log loses
    home, truth, writing put together, told, written

It knows nothing of the miners, and they know nothing of it.
"""
